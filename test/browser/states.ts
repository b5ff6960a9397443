// Every state that the pages have, by what a reader sees of it.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { findBarriers } from "./axe.ts";
import type { OpenBrowser, PageOptions } from "./browser.ts";
import { RUNS, type World } from "./world.ts";

interface State {
  readonly title: string;
  readonly path: string;
  /** What is to be seen before it is looked at. */
  readonly shows: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
const text = (words: string | RegExp) => (page: Page) => page.getByRole("main").getByText(words).first().waitFor();
const run = (runId: string, node?: string): string => `/runs/${runId}${node === undefined ? "" : `?node=${node}`}`;
/** In a tab of the node's panel. */
const tab = (name: string, words: string | RegExp) => async (page: Page) => {
  await page.getByRole("tab", { name, exact: true }).click();
  await page.getByRole("tabpanel").getByText(words).first().waitFor();
};

const STATES: readonly State[] = [
  { title: "runs in every state", path: "/runs", shows: text(RUNS.queued) },
  { title: "no run matches", path: "/runs?q=nobody-knows", shows: text("No run fits") },
  { title: "a run that succeeded", path: run(RUNS.succeeded), shows: text("succeeded") },
  { title: "a run that failed", path: run(RUNS.failed), shows: text("energy-analyzer failed after 4 attempts") },
  {
    title: "a log with colours",
    path: run(RUNS.failed, "energy-analyzer"),
    shows: tab("logs", "connect ECONNREFUSED"),
  },
  {
    title: "a log that was cut",
    path: run(RUNS.failed, "energy-generator"),
    shows: tab("logs", "row 5000"),
  },
  { title: "no log", path: run(RUNS.succeeded, "report-generator"), shows: tab("logs", /no log|nothing/i) },
  {
    title: "a report",
    path: run(RUNS.succeeded, "report-generator"),
    shows: tab("data", "energy_report.csv"),
  },
  {
    title: "a file that is not there",
    path: run(RUNS.cancelled, "collect"),
    shows: tab("data", "collect.csv"),
  },
  { title: "attempts", path: run(RUNS.timedOut, "quote"), shows: tab("attempts", /timed[ _]out/) },
  { title: "a preflight that failed", path: run(RUNS.preflight), shows: text("SERVICE_UNREACHABLE") },
  { title: "a run that is under way", path: run(RUNS.running), shows: text("running") },
  { title: "a run that waits for its turn", path: run(RUNS.queued), shows: text("pending") },
  { title: "a run that is paused", path: run(RUNS.paused), shows: text("paused") },
  { title: "a run that was interrupted", path: run(RUNS.interrupted), shows: text("interrupted") },
  { title: "a run that was cancelled", path: run(RUNS.cancelled), shows: text("cancelled") },
  { title: "300 nodes", path: run(RUNS.large), shows: text("load-019") },
  { title: "no such run", path: run("nobody"), shows: text(/no run|not found/i) },
  { title: "two runs beside each other", path: `/compare?a=${RUNS.succeeded}&b=${RUNS.failed}`, shows: heading(/./) },
  { title: "workflows", path: "/workflows", shows: text("energy_slip") },
  { title: "a workflow", path: "/workflows/tariff_import", shows: text("fetch-tariffs") },
  { title: "a workflow that is broken", path: "/workflows/energy_slip", shows: text(/energy-analyser/) },
  { title: "no such workflow", path: "/workflows/nobody", shows: text(/no workflow|not found/i) },
  { title: "services", path: "/services", shows: text("tariff-archive") },
  { title: "the system", path: "/system", shows: heading("System") },
];

/** Looks at each of them: what keeps people out, what complains, what scrolls sideways; in light colours and in dark ones. */
export async function lookAtStates(browser: OpenBrowser, world: World, options: PageOptions): Promise<void> {
  const found: string[] = [];
  const { page, problems } = await browser.newPage(options);
  page.setDefaultTimeout(15_000);
  for (const { title, path, shows } of STATES) {
    const told = problems.length;
    const note = (texts: readonly string[]): void => void found.push(...texts.map((each) => `${title}: ${each}`));
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(`${world.url}${path}`);
    await shows(page).catch((thrown) => note([String(thrown)]));
    note(await findBarriers(page));
    await page.emulateMedia({ colorScheme: "dark" });
    note(await findBarriers(page, ["color-contrast"]));
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    const limit = page.viewportSize()?.width ?? 0;
    if (width > limit) note([`is ${width} px wide, of ${limit}`]);
    // Where something is not there, the browser says so, too.
    note(problems.slice(told).filter((problem) => !/status of 40[34]/.test(problem)));
  }
  assert.deepEqual(found, []);
}
