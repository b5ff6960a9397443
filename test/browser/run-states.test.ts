// The page of a run, in every state that a run can be in, in a real browser at a real server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import { isApiError } from "../../dashboard/api/client.ts";
import { findBarriers } from "./axe.ts";
import type { OpenPage, PageOptions } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { RUNS } from "./world.ts";

describe("the page of a run in every state", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard();

  async function openRun(address: string, options: PageOptions = {}): Promise<OpenPage> {
    const opened = await browser.newPage(options);
    await opened.page.goto(`${world.url}/runs/${address}`);
    return opened;
  }

  it("tells of every state a run can be in, and keeps nobody out in light, dark and on a phone", async () => {
    const states = [
      [RUNS.succeeded, "3 succeeded"],
      [RUNS.preflight, /Preflight failed: .*No node was called\./],
      [RUNS.timedOut, /quote failed after 2 attempts: .*did not answer within/],
      [RUNS.running, "parse is running."],
      [RUNS.queued, /Waits for its turn: the workflow has 1 at once/],
      [RUNS.paused, "Paused: no attempt starts."],
      [RUNS.interrupted, /Nobody drives it: .*dump was under way, and nobody knows how that ended/],
      [RUNS.cancelled, /Cancelled by .*: wrong week\./],
      [RUNS.large, /load-019 failed: .*2 nodes behind it were skipped\. The other branches go on/],
    ] as const;
    const themes: readonly PageOptions[] = [{}, { theme: "dark" }, { width: 390, height: 844 }];
    const barriers: string[] = [];
    for (const [index, [runId, told]] of states.entries()) {
      const { page, problems } = await openRun(runId, themes[index % themes.length]);
      await page.getByRole("main").filter({ hasText: told }).waitFor();
      await page.getByRole("application").waitFor();
      barriers.push(...(await findBarriers(page)).map((barrier) => `${runId}: ${barrier}`));
      assert.deepEqual(problems, [], runId);
      await page.context().close();
    }
    assert.deepEqual(barriers, []);
  });

  it("fits a phone: what failed comes before the graph, and nothing scrolls sideways", async () => {
    for (const width of [320, 390]) {
      const { page, problems } = await openRun(RUNS.failed, { width, height: 844 });
      const panel = page.getByRole("complementary", { name: "Node energy-analyzer" });
      await panel.waitFor();
      const [panelBox, graphBox] = [await panel.boundingBox(), await page.getByRole("application").boundingBox()];
      assert.ok((panelBox?.y ?? 0) < (graphBox?.y ?? 0), "the panel stands first");
      const beyond = await page.evaluate<number>("document.querySelector('main').scrollWidth - innerWidth");
      assert.ok(beyond <= 0, `${beyond} pixels beyond ${width}`);
      const fallen = await page.evaluate<number>(`[...document.querySelectorAll(".event-row")].filter((row) =>
        [...row.children].some((part) => part.getBoundingClientRect().bottom > row.getBoundingClientRect().bottom + 1)
      ).length`);
      assert.equal(fallen, 0, "each event is one line");
      assert.deepEqual(problems, []);
      await page.context().close();
    }
  });

  it("says that there is no such run, and that one was deleted while it was looked at", async () => {
    const { page } = await openRun("nobody");
    await page.getByText("There is no run nobody.").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.context().close();

    const { page: other } = await openRun(RUNS.timedOut);
    await lineOf(other).getByText("quote failed").waitFor();
    await other.getByRole("status").getByText("live", { exact: true }).waitFor();
    await deleteRun(RUNS.timedOut);
    // No event tells of that: the page looks now and then, and when somebody comes back to it.
    await other.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await other.getByText(`Run ${RUNS.timedOut} was deleted while you looked at it.`).waitFor();
    await other.context().close();
  });

  /** A run that ended a moment ago is still told of: it goes as soon as the server lets it. */
  async function deleteRun(run_id: string): Promise<void> {
    for (;;) {
      try {
        return void (await world.api.call("delete", "/api/v1/runs/{run_id}", { path: { run_id } }));
      } catch (thrown) {
        if (!isApiError(thrown) || thrown.problem.code !== "RUN_NOT_ENDED") throw thrown;
        await setTimeout(250);
      }
    }
  }
});

/** The line under the run's name. */
function lineOf(page: Page) {
  return page.locator(".explain-line");
}
