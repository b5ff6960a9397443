// The dashboard in a real browser, at a real server: one story from its beginning to its end, and each page to axe-core.
// All other states are those of test/browser.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findBarriers } from "./browser/axe.ts";
import { useDashboard } from "./browser/use-dashboard.ts";

describe("the dashboard", { timeout: 120_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("leads from the form to a run, to what it failed of, to what to do, and to its end; each page pleases axe-core", async () => {
    const { page, problems } = await browser.newPage();
    const barriers: string[] = [];
    const look = async (name: string): Promise<void> => {
      barriers.push(...(await findBarriers(page)).map((barrier) => `${name}: ${barrier}`));
    };
    const analyzer = world.services.all.get("energy-analyzer");
    const letGo = world.services.all.get("energy-generator")?.hold();

    await page.goto(world.url);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await look("no runs");
    await page.getByRole("link", { name: "Workflows" }).click();
    await page.getByRole("heading", { name: "Workflows" }).waitFor();
    await page.getByRole("link", { name: "energy_data_pipeline" }).first().waitFor();
    await look("workflows");
    await page.getByRole("link", { name: "energy_data_pipeline" }).first().click();

    // A run is started from the form that is made of its params.
    await page.getByLabel("input_file").fill("readings.csv");
    await look("workflow");
    await page.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL("**/runs/*");
    const runId = new URL(page.url()).pathname.split("/").at(-1) ?? "";

    // It is watched: nothing is loaded anew from here on.
    const main = page.getByRole("main");
    await main.getByText("running", { exact: true }).first().waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    await look("running");
    await analyzer?.stop();
    letGo?.();

    // It fails, and the page says what of, what follows, and what to do.
    await main.getByText("energy-analyzer failed after 4 attempts").waitFor();
    await main.getByText("report-generator was skipped").waitFor();
    await main.getByText("Check that the service runs and stays up").first().waitFor();
    await main.getByText(`busbar resume ${runId}`).first().waitFor();
    await look("failed");

    // What was wrong is mended, and the run goes on to its end.
    await analyzer?.start();
    await main.getByRole("button", { name: "Resume" }).click();
    await main.getByText("succeeded", { exact: true }).first().waitFor();
    await main.getByRole("button", { name: "Resume" }).waitFor({ state: "detached" });
    await look("succeeded");
    assert.equal(await page.evaluate(() => "isSamePage" in globalThis), true, "it was followed without a reload");

    await page.goto(`${world.url}/compare?a=${runId}&b=${runId}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await look("compare");
    for (const name of ["Services", "System"]) {
      await page.getByRole("link", { name }).click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      await look(name);
    }
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByRole("link", { name: "energy_data_pipeline" }).first().waitFor();
    await look("runs");
    assert.deepEqual(barriers, []);
    assert.deepEqual(problems, []);
  });
});
