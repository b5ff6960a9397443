// Takes the pictures of the dashboard that README and guides show, of the world of the browser's tests.
// Usage: npm run screenshots   (writes docs/images/*.png)
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openBrowser, type PageOptions } from "../test/browser/browser.ts";
import { RUNS, startWorld } from "../test/browser/world.ts";
import { shrinkPng } from "./small-png.ts";

interface Picture extends PageOptions {
  readonly name: string;
  readonly path: string;
  /** What is done and waited for before. */
  readonly prepare: (page: Page) => Promise<unknown>;
}

const DESK = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 780 };

const shows = (words: string) => (page: Page) => page.getByRole("main").getByText(words).first().waitFor();
const failed = shows("energy-analyzer failed after 4 attempts");

const PICTURES: readonly Picture[] = [
  { ...DESK, name: "runs-light", path: "/runs", prepare: shows(RUNS.cancelled) },
  { ...DESK, name: "run-failed-light", path: `/runs/${RUNS.failed}`, prepare: failed },
  { ...DESK, theme: "dark", name: "run-failed-dark", path: `/runs/${RUNS.failed}`, prepare: failed },
  { ...DESK, theme: "dark", name: "run-300-dark", path: `/runs/${RUNS.large}`, prepare: shows("load-019") },
  {
    ...DESK,
    name: "run-past-light",
    path: `/runs/${RUNS.failed}`,
    async prepare(page) {
      await failed(page);
      await page.getByRole("slider").focus();
      for (let step = 0; step < 6; step++) await page.keyboard.press("ArrowLeft");
      await page.getByRole("button", { name: "Back to now" }).waitFor();
    },
  },
  {
    ...DESK,
    name: "report-light",
    path: `/runs/${RUNS.succeeded}?node=report-generator`,
    async prepare(page) {
      await page.getByRole("tab", { name: "data", exact: true }).click();
      await page.getByRole("tabpanel").getByText("energy_report.csv").first().waitFor();
      await page
        .getByRole("button", { name: /chart/i })
        .or(page.getByRole("radio", { name: /chart|line/i }))
        .first()
        .click();
      await page.locator(".uplot").first().waitFor();
      await page
        .locator(".uplot")
        .first()
        .evaluate((chart) => chart.scrollIntoView({ block: "end" }));
    },
  },
  { ...DESK, name: "workflow-light", path: "/workflows/energy_data_pipeline", prepare: shows("energy-generator") },
  { ...PHONE, name: "run-failed-phone", path: `/runs/${RUNS.failed}`, prepare: failed },
];

const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));
mkdirSync(folder, { recursive: true });
const [browser, world] = await Promise.all([openBrowser(), startWorld()]);
try {
  for (const { name, path, prepare, ...options } of PICTURES) {
    const { page } = await browser.newPage(options);
    await page.goto(`${world.url}${path}`);
    await prepare(page);
    // Until all that is loaded is there, and nothing moves.
    await page.waitForLoadState("load");
    await page.evaluate("document.fonts.ready");
    await page.waitForTimeout(600);
    const file = join(folder, `${name}.png`);
    writeFileSync(file, shrinkPng(await page.screenshot({ animations: "disabled", caret: "hide" })));
    process.stdout.write(`${name}.png ${Math.ceil(statSync(file).size / 1024)} KB\n`);
    await page.context().close();
  }
} finally {
  await browser.close();
  await world.close();
}
