// The runs page in a real Chromium, over a real server with a run in each state.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Locator, Page } from "playwright-core";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";
import { RUNS, runEnded, startRun } from "./world.ts";

const LIST = "**/api/v1/runs?*";

describe("the runs page", () => {
  const { world, browser } = useDashboard();
  let page: Page;
  let problems: readonly string[];

  before(async () => {
    ({ page, problems } = await browser.newPage());
    await page.goto(`${world.url}/runs`);
  });

  it("says of each run how it stands, in words", async () => {
    for (const [run, status] of [
      [RUNS.succeeded, "succeeded"],
      [RUNS.failed, "failed"],
      [RUNS.running, "running"],
      [RUNS.queued, "pending"],
      [RUNS.paused, "paused"],
      [RUNS.interrupted, "interrupted"],
      [RUNS.cancelled, "cancelled"],
    ] as const) {
      await rowOf(page, run).getByText(status, { exact: true }).waitFor();
    }
    await rowOf(page, RUNS.preflight)
      .getByText(/cannot be reached: connection refused/)
      .waitFor();
    await rowOf(page, RUNS.large)
      .getByRole("img", { name: /^300 nodes: \d+ succeeded, 1 failed/ })
      .waitFor();
  });

  it("names what needs somebody, and what it names no more once that is done", async () => {
    const attention = page.getByRole("region", { name: "Needs attention" });
    const paused = attention.getByRole("listitem").filter({ hasText: "customer_export is paused" });
    await attention.getByText(/^nightly_backup was interrupted: its owner \(pid \d+ on .+\) is gone$/).waitFor();
    await attention.getByText(/^price_lookup failed .+: quote: .+ did not answer within/).waitFor();
    assert.equal(await attention.getByText("energy_data_pipeline").count(), 0, "it has succeeded since");
    await paused.getByRole("button", { name: "Unpause" }).click();
    await paused.waitFor({ state: "detached" });
    await rowOf(page, RUNS.paused).getByText("paused", { exact: true }).waitFor({ state: "detached" });
  });

  it("shows a new run where it stands, and leaves the others alone", async () => {
    const old = await rowOf(page, RUNS.succeeded).elementHandle();
    await startRun(world, "archive_year", "archive-again");
    await rowOf(page, "archive-again").getByText("failed", { exact: true }).waitFor();
    assert.ok(await page.getByRole("table").getByRole("row").nth(1).getByText("archive-again").isVisible(), "on top");
    assert.ok(await old?.evaluate((row) => row.isConnected), "its row is the one that it was");
    await page.getByText(/^archive_year failed .+, and once before:/).waitFor();
  });

  it("finds runs by what stands in them: `/` to begin, Esc to end", async () => {
    const field = page.getByRole("searchbox");
    await page.keyboard.press("/");
    await page.keyboard.type("NOTHING listens");
    await rowOf(page, RUNS.preflight).waitFor();
    await rowOf(page, RUNS.succeeded).waitFor({ state: "detached" });
    assert.match(page.url(), /[?&]q=NOTHING\+listens/);
    await page.keyboard.press("Escape");
    await rowOf(page, RUNS.succeeded).waitFor();
    assert.equal(await field.inputValue(), "");

    await field.fill("no such run");
    await page.getByText("No run fits.").waitFor();
    await page.getByRole("button", { name: "Show all runs" }).click();
    await rowOf(page, RUNS.succeeded).waitFor();
  });

  it("shows those of one kind, as many as its chip says", async () => {
    const chip = page.getByRole("button", { name: /^cancelled \d/ });
    await chip.click();
    await rowOf(page, RUNS.succeeded).waitFor({ state: "detached" });
    const count = Number((await chip.textContent())?.match(/\d+/)?.[0]);
    assert.equal(await page.getByRole("table").getByRole("row").count(), count + 1);
    await page.reload();
    await rowOf(page, RUNS.cancelled).waitFor();
    assert.equal(await chip.getAttribute("aria-pressed"), "true");
    await page.getByRole("button", { name: /^all \d/ }).click();
    await rowOf(page, RUNS.succeeded).waitFor();
  });

  it("goes on with older runs page by page", async () => {
    for (let run = 0; run < 51; run += 1) await startRun(world, "archive_year", `many-${run}`);
    await runEnded(world, "many-50");
    await rowOf(page, "many-50").waitFor();
    await page.goto(`${world.url}/runs?workflow=archive_year`);
    await rowOf(page, "many-1").waitFor();
    assert.equal(await rowOf(page, "many-0").count(), 0);
    await page.getByRole("button", { name: "Show older runs" }).click();
    await rowOf(page, RUNS.preflight).waitFor();
    await page.getByRole("button", { name: "Show older runs" }).waitFor({ state: "detached" });
    await startRun(world, "archive_year", "many-last");
    await rowOf(page, "many-last").waitFor();
    assert.equal(await rowOf(page, RUNS.preflight).count(), 1, "what was read below stays");
    await page.getByRole("button", { name: "workflow archive_year: show all again" }).click();
    await rowOf(page, "many-last").waitFor();
    assert.deepEqual(problems, []);
  });

  it("says that it loads, and what is wrong with the server's answer", async () => {
    const other = await page.context().newPage();
    const asked = Promise.withResolvers<void>();
    await other.route(LIST, async (route) => {
      await asked.promise;
      const problem = { code: "JOURNAL_BUSY", detail: "the journal is busy", remedy: "Try again." };
      await route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) });
    });
    await other.goto(`${world.url}/runs`);
    await other.getByRole("status", { name: "Loading" }).waitFor();
    asked.resolve();
    await other.getByRole("alert").getByText("the journal is busy").waitFor();
    await other.unroute(LIST);
    await other.getByRole("button", { name: "Try again" }).click();
    await other.getByRole("table").waitFor();
    await other.close();
  });

  for (const { width, theme } of [
    { width: 1440, theme: "light" },
    { width: 1440, theme: "dark" },
    { width: 320, theme: "dark" },
  ] as const) {
    it(`keeps nobody out, and nothing out of sight: ${theme}, ${width} px`, async () => {
      const other = await browser.newPage({ width, theme });
      await other.page.goto(`${world.url}/runs?q=e`);
      await other.page.getByRole("table").waitFor();
      await other.page
        .getByText(/^live$/)
        .first()
        .waitFor({ state: "attached" });
      assert.deepEqual(await findBarriers(other.page), []);
      const widths: number[] = await other.page.evaluate(
        `[document.documentElement, document.querySelector("main")].map((box) => box.scrollWidth)`,
      );
      assert.ok(Math.max(...widths) <= width, `${widths.join(", ")} px wide`);
      assert.deepEqual(other.problems, []);
      await other.page.context().close();
    });
  }
});

describe("the runs page of a server that never ran anything", () => {
  const { world, browser } = useDashboard({ runs: false });

  it("says how to begin", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByText("No run yet.").waitFor();
    await page.getByText(`busbar run WORKFLOW --server ${world.url}`).waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(problems, []);
  });
});

function rowOf(page: Page, runId: string): Locator {
  return page.getByRole("row").filter({ has: page.getByText(runId, { exact: true }) });
}
