// What pressing the buttons of a run does to whoever presses them: twice, in haste, by keyboard alone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, runEnded, startRun } from "./world.ts";

describe("the actions of a run", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("are done once when pressed twice, and their dialogs stay open", async () => {
    const service = await world.cli.serve("quick", () => "done");
    await world.api.call("post", "/api/v1/workflows", { body: workflow("quick", service.address) });
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/workflows/quick`);
    await page.getByRole("button", { name: "Start run" }).dblclick();
    await page.waitForURL(/\/runs\//);
    const [, runId = ""] = /runs\/([^?]+)/.exec(page.url()) ?? [];
    await runEnded(world, runId);
    await page.getByRole("button", { name: "Rerun…" }).dblclick();
    const dialog = page.getByRole("dialog", { name: "Rerun as a new run" });
    await dialog.getByText("All of it").click();
    // A selection of text may end beside the dialog that it began in.
    const box = await dialog.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x - 40, box.y + 20);
    await page.mouse.up();
    await dialog.getByRole("button", { name: "Rerun", exact: true }).dblclick({ force: true });
    await page.waitForURL((url) => url.pathname !== `/runs/${runId}`);
    const { runs } = await world.api.call("get", "/api/v1/runs", { query: {} });
    assert.equal(runs.length, 2);
    await page.goto(`${world.url}/runs/${runId}`);
    await page.getByRole("button", { name: "Rerun…" }).click();
    await dialog.waitFor();
    await page.mouse.click(10, 200);
    await dialog.waitFor({ state: "detached" });
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("leave the keyboard where the next ones are, where what was pressed is there no more", async () => {
    const held = Promise.withResolvers<void>();
    const service = await world.cli.serve("held", async () => {
      await held.promise;
      return "";
    });
    await world.api.call("post", "/api/v1/workflows", { body: workflow("held", service.address) });
    await startRun(world, "held", "held-1");
    await nodeIs(world, "held-1", "a", "running");
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/held-1`);
    await page.getByRole("button", { name: "Cancel run" }).press("Enter");
    const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
    await dialog.getByRole("button", { name: "Cancel run" }).press("Enter");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await page.waitForFunction("document.activeElement?.textContent === 'Resume'");
    held.resolve();
    assert.deepEqual(problems, []);
  });
});

function workflow(name: string, address: string): { readonly format: "json"; readonly text: string } {
  return {
    format: "json",
    text: JSON.stringify({
      workflow_name: name,
      service_registry: { [name]: address },
      containers: { a: { service: name, input_file: "/in", output_file: "/out", timeout_seconds: 60 } },
    }),
  };
}
