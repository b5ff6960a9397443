// A remedy that lies in the workflow's file: the page of a failed run leads there, and goes on with what was mended.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";
import { runEnded, startRun } from "./world.ts";

describe("a run whose workflow's file was wrong", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("shows at which node it stood, and goes on with the mended file", async () => {
    write(world.services.nowhere);
    await stored();
    await startRun(world, "mended", "to-mend");
    assert.equal(await runEnded(world, "to-mend"), "run.failed");
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/to-mend`);
    const panel = page.getByRole("complementary", { name: "Node price" });
    await panel.getByText("SERVICE_UNREACHABLE").waitFor();
    await panel.getByText("Start the service, or mend its address").waitFor();
    await page.getByText("2 not called").waitFor();
    assert.equal(await page.getByText("pending", { exact: true }).count(), 0);
    await page.getByText("Once the workflow’s file is mended, Resume offers to go on with it.").waitFor();

    write(world.services.all.get("meters")?.address ?? "");
    await page.getByText("Its file has changed since: resume with it.").waitFor();
    await page.getByText("busbar resume to-mend --file mended").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    const dialog = page.getByRole("dialog", { name: "Resume: its file has changed" });
    assert.equal(await dialog.getByLabel("As its file is now").isChecked(), true);
    await dialog.getByRole("button", { name: "Resume", exact: true }).click();
    await page.getByText("2 succeeded").waitFor();
    assert.equal(await page.getByText("has changed since").count(), 0);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  function write(address: string): void {
    writeFileSync(
      join(world.workflows, "mended.yaml"),
      `workflow_name: mended
service_registry: { meters: "${world.services.all.get("meters")?.address}", pricing: "${address}" }
start_node: fetch
containers:
  fetch: { service: meters, input_file: /data/a, output_file: /data/b, next_node: price }
  price: { service: pricing, input_file: /data/b, output_file: /data/c }
`,
    );
  }

  /** The server has seen the file. */
  async function stored(): Promise<void> {
    for (;;) {
      const { workflows } = await world.api.call("get", "/api/v1/workflows", {});
      if (workflows.some(({ name }) => name === "mended")) return;
    }
  }
});
