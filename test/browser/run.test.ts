// What is done on the page of a run, in a real browser at a real server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import type { OpenPage, PageOptions } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, RUNS, runEnded, startRun } from "./world.ts";

describe("the page of a run", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard();

  async function openRun(address: string, options: PageOptions = {}): Promise<OpenPage> {
    const opened = await browser.newPage(options);
    await opened.page.goto(`${world.url}/runs/${address}`);
    return opened;
  }

  it("answers what failed, why, what it affected and what to do, and opens on the node that failed", async () => {
    const { page, problems } = await openRun(RUNS.failed);
    const line = lineOf(page);
    await line.getByText(/energy-analyzer failed after 4 attempts: .*connection refused/).waitFor();
    await line.getByText("report-generator was skipped because of it.").waitFor();
    await line.getByText("Check that the service runs and stays up").waitFor();
    await line.getByText(`busbar resume ${RUNS.failed} --server ${world.url}`).waitFor();
    await line.getByText("CALL_UNAVAILABLE").waitFor();
    await page.getByRole("complementary", { name: "Node energy-analyzer" }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("node"), "energy-analyzer");
    assert.equal(await page.title(), "failed: energy_data_pipeline - Busbar");
    assert.deepEqual(problems, []);
    await page.close();
  });

  it("goes back in time, and nothing that came later shows anywhere", async () => {
    const { page, problems } = await openRun(RUNS.failed);
    await lineOf(page).getByText("failed after 4 attempts").waitFor();
    await page.keyboard.press("[");
    await page.getByText("Looking at the past:").waitFor();
    await page.goto(`${world.url}/runs/${RUNS.failed}?node=energy-analyzer&seq=5`);
    await page.getByText(/event 5 of \d+/).waitFor();
    const main = page.getByRole("main");
    // biome-ignore lint/performance/useDomNodeTextContent: what is seen, and no word runs into the next
    const text = async (): Promise<string> => (await main.innerText()).replaceAll(/\s+/g, " ");
    assert.match(await text(), /energy-analyzer started \(attempt 1\)/);
    assert.doesNotMatch(await text(), /CALL_UNAVAILABLE|connection refused|attempt 2|4 attempts|skipped|busbar resume/);
    assert.match(await text(), /1 running.*1 succeeded.*1 pending/);
    assert.equal(await page.title(), "running: energy_data_pipeline - Busbar");
    for (const tab of ["attempts", "logs", "data"]) {
      await page.getByRole("tab", { name: tab }).click();
      assert.doesNotMatch(await text(), /CALL_UNAVAILABLE|ECONNREFUSED|timed out/, tab);
    }
    const resume = page.getByRole("button", { name: "Resume" });
    assert.equal(await resume.getAttribute("aria-disabled"), "true");
    await resume.click({ force: true });

    // By keys through the events, and by the slider, which says where it stands.
    const slider = page.getByRole("slider", { name: "Time in the run" });
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    assert.match(
      (await slider.getAttribute("aria-valuetext")) ?? "",
      /^event 6 of .*energy-analyzer, node\.attempt_failed/,
    );
    await page.keyboard.press("Home");
    assert.match((await slider.getAttribute("aria-valuetext")) ?? "", /^event 1 of .*run\.created/);
    await page.keyboard.press("End");
    await lineOf(page).getByText("failed after 4 attempts").waitFor();
    assert.equal(
      await world.api
        .call("get", "/api/v1/runs/{run_id}", { path: { run_id: RUNS.failed } })
        .then(({ status }) => status),
      "failed",
    );

    await page.getByRole("button", { name: "Play the history" }).click();
    await page.getByText("Looking at the past:").waitFor();
    await page.getByText("Looking at the past:").waitFor({ state: "detached" });
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("follows a run without asking for it again", async () => {
    const { page, problems } = await openRun(RUNS.paused);
    await lineOf(page).getByText("Paused: no attempt starts.").waitFor();
    // Where the feed begins, what came before it is asked for once.
    await page.locator(".live-live").waitFor();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.getByRole("button", { name: "Unpause" }).click();
    await page.getByText("succeeded", { exact: true }).first().waitFor();
    await page.getByText("3 succeeded").waitFor();
    await page.getByRole("button", { name: "Rerun" }).waitFor();
    const events = asked.filter((one) => one.endsWith("/events"));
    assert.ok(events.length <= 1, `events come with the feed: ${asked.join(", ")}`);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("cancels when it was asked whether it should, and says who did", async () => {
    world.services.script({ render: "hold" });
    await startRun(world, "weekly_report", "to-cancel");
    const { page, problems } = await openRun("to-cancel");
    await page.getByRole("button", { name: "Cancel run" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
    await dialog.getByText("busbar cancel to-cancel").waitFor();
    await dialog.getByRole("button", { name: "No, leave it" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Cancel run" }).click();
    await dialog.getByRole("button", { name: "Cancel run" }).click();
    await lineOf(page)
      .getByText(/^Cancelled by /)
      .waitFor();
    assert.equal(await runEnded(world, "to-cancel"), "run.cancelled");
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("reruns from a node on, as a new run that says of which it is one", async () => {
    const { page, problems } = await openRun(`${RUNS.succeeded}?node=energy-analyzer`);
    await page.getByRole("button", { name: "Rerun" }).click();
    const dialog = page.getByRole("dialog", { name: "Rerun as a new run" });
    await dialog.getByLabel("From a node on").check();
    await dialog.getByText("2 of 3 nodes run again.").waitFor();
    await dialog.getByText(`busbar rerun ${RUNS.succeeded} --from energy-analyzer`).waitFor();
    await dialog.getByLabel("Node", { exact: true }).fill("nobody");
    await dialog.getByText("There is no node “nobody”.").waitFor();
    await dialog.getByLabel("All of it").check();
    await dialog.getByText("3 of 3 nodes run again.").waitFor();
    await dialog.getByRole("button", { name: "Rerun", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(RUNS.succeeded));
    await page.getByRole("link", { name: RUNS.succeeded }).waitFor();
    await page.getByText("3 succeeded").waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("is gone through by keys: the next failed node, its panel closed, events one by one", async () => {
    const { page, problems } = await openRun(RUNS.large);
    await page.getByRole("complementary", { name: "Node load-019" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.keyboard.press("e");
    await page.getByRole("complementary", { name: "Node load-019" }).waitFor();
    await page.keyboard.press("[");
    await page.getByText("Looking at the past:").waitFor();
    await page.keyboard.press("]");
    await page.getByText("Looking at the past:").waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "timeline" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tab", { name: "events", selected: true }).waitFor();
    const { counts } = await world.api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: RUNS.large } });
    assert.equal(counts.failed, 1);
    const rows = await page.getByRole("button", { name: /^Show the run at event/ }).count();
    assert.ok(rows < 60, `only what is in sight is drawn, not ${rows} rows`);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("stays when the server goes, says so, and goes on when it is back", async () => {
    world.services.script({ render: "hold" });
    await startRun(world, "weekly_report", "over-a-restart");
    await nodeIs(world, "over-a-restart", "render", "running");
    const { page } = await openRun("over-a-restart");
    await lineOf(page).getByText("render is running.").waitFor();
    await world.stopServer("SIGKILL");
    await page.getByText(/^Not live since/).waitFor();
    assert.ok(await lineOf(page).getByText("render is running.").isVisible(), "what was known stays");
    world.services.script({ render: undefined });
    await world.startServer();
    await page.getByText("succeeded", { exact: true }).first().waitFor();
    await page.getByText(/^Not live since/).waitFor({ state: "detached" });
    await page.context().close();
  });
});

/** The line under the run's name. */
function lineOf(page: Page) {
  return page.locator(".explain-line");
}
