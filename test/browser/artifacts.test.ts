// The files of nodes in a real Chromium: tables, charts, decoded reports, and what is told where there is none.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { until } from "../../src/testing/until.ts";
import { findBarriers } from "./axe.ts";
import type { OpenPage, PageOptions } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { runEnded, startRun, type World } from "./world.ts";

/** What the nodes of one run "have made": files of every kind, by node. */
const FILES: { readonly [node: string]: { readonly name: string; readonly content: string | Uint8Array } } = {
  million: { name: "million.csv", content: millionRows() },
  values: { name: "values.json", content: JSON.stringify({ site: "north", meters: [{ id: 1 }, { id: 2 }], ok: true }) },
  slip: { name: "slip.json", content: "{ not json" },
  notes: { name: "notes.txt", content: "first line\n".repeat(60_000) },
  message: { name: "message.pb", content: Uint8Array.of(0x08, 0x01, 0x12, 0x04, ...Buffer.from("done")) },
  bytes: { name: "data.bin", content: Uint8Array.of(0x00, 0x62, 0x75, 0x73, 0xff) },
  empty: { name: "empty.csv", content: "" },
  later: { name: "later.txt", content: "written again" },
  gone: { name: "gone.csv", content: "a\n1\n" },
  hostile: {
    name: "<img src=x onerror=alert(1)>.csv",
    content: 'name,"<b>x</b>"\n"=cmd","<script>alert(1)</script>"\n',
  },
};

/** A file is called changed where it was written to after its node had ended. */
const LATER_MS = 60_000;

describe("the files of nodes", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });
  const opened: OpenPage[] = [];
  let plain: OpenPage;
  /** Of the report, as a page writes it. */
  let rows: string;
  let rowsFrom: (fromEnd: number) => string;
  before(async () => {
    await Promise.all([makeEnergy(world), makeFiles(world)]);
    const lines = readFileSync(join(world.dataRoot, "energy_report.csv"), "utf8").trim().split("\n");
    plain = await newPage();
    rowsFrom = (fromEnd) => (lines.length - 1 - fromEnd).toLocaleString("en");
    rows = rowsFrom(0);
  });

  async function newPage(options: PageOptions = {}): Promise<OpenPage> {
    const one = await browser.newPage(options);
    one.page.setDefaultTimeout(15_000);
    opened.push(one);
    return one;
  }

  /** The data of a node; pages are used again where nothing else is asked of them. */
  async function open(run: string, node: string, options?: PageOptions): Promise<Page> {
    const one = options === undefined ? plain : await newPage(options);
    await one.page.goto(`${world.url}/runs/${run}?node=${node}`);
    await one.page.getByRole("tab", { name: "Data" }).click();
    return one.page;
  }

  it("shows a report as table and as chart, with its anomalies, in light and dark and on a phone", async () => {
    for (const options of [{ theme: "light" }, { theme: "dark" }, { width: 390, height: 844 }] as const) {
      const page = await open("energy", "report-generator", options);
      await page.getByText(`of ${rows} rows`).waitFor();
      await page.getByRole("button", { name: "Next anomaly" }).click();
      await page.locator(".data-table-marked").first().waitFor();
      assert.match(await firstRow(page), /anomaly, row [\d,]+\s+2025-\d\d-\d\dT.*\s+True/s);
      assert.deepEqual(await findBarriers(page), []);
      await page.getByRole("button", { name: "Chart" }).click();
      await page
        .getByRole("figure")
        .getByText(/rows, 2025-.*UTC.*◆ \d+ anomalies/)
        .waitFor();
      await page.getByLabel("efficiency", { exact: true }).check();
      await page.locator(".plot canvas").nth(1).waitFor();
      assert.deepEqual(await findBarriers(page), []);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(width <= (page.viewportSize()?.width ?? 0), `${width} px wide`);
    }
  });

  it("decodes the report of the analyzer: rows, anomalies, what was skipped; by keyboard too", async () => {
    const page = await open("energy", "energy-analyzer");
    await page.getByText(`ProcessedDataReport: ${rows} rows, `).waitFor();
    await page.getByText(/[1-9]\d* skipped/).waitFor();
    const table = page.getByRole("region", { name: "analysis_output.pb as a table" });
    await table.focus();
    await page.keyboard.press("End");
    await page.getByText(`${rowsFrom(11)} to ${rows} of ${rows} rows`).waitFor();
    await page.keyboard.press("PageUp");
    await page.keyboard.press("ArrowUp");
    await page.getByText(`${rowsFrom(23)} to ${rowsFrom(12)} of ${rows} rows`).waitFor();
    await page.keyboard.press("Home");
    await page.getByText(`1 to 12 of ${rows} rows`).waitFor();
    assert.match(await firstRow(page), /2025-01-01T00:00:00Z\s+HH-0\s+226\.3\s+0\.838\s+false/);
    await page.getByRole("button", { name: "Chart" }).click();
    await page.getByRole("figure").getByText(`${rows} rows`).waitFor();
  });

  it("zooms into a chart, shows one category, bars, and keeps that when it is enlarged", async () => {
    const page = await open("energy", "report-generator");
    await page.getByRole("button", { name: "Chart" }).click();
    const figure = page.getByRole("figure");
    await figure.getByText(`${rows} rows`).waitFor();
    await page.getByRole("button", { name: "Enlarge" }).click();
    const dialog = page.getByRole("dialog", { name: "energy_report.csv" });
    await dialog.getByLabel("Only").selectOption({ label: "HH-1" });
    await dialog.getByText(/\d+ rows of HH-1/).waitFor();
    await dialog.getByLabel("As", { exact: true }).selectOption("bars");
    await dialog.getByText("Each bar is the mean of").waitFor();
    await dialog.getByLabel("As", { exact: true }).selectOption("line");
    // The bars stay until the line has been worked out; a drag over them would be one over what goes.
    await dialog.getByText("Each bar is the mean of").waitFor({ state: "detached" });
    await dialog.locator(".plot .u-over").waitFor();
    const plot = await dialog.locator(".plot .u-over").boundingBox();
    assert.ok(plot);
    await page.mouse.move(plot.x + plot.width * 0.4, plot.y + 20);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.6, plot.y + 20, { steps: 4 });
    await page.mouse.up();
    await dialog.getByRole("button", { name: "All" }).and(page.locator(":enabled")).waitFor();
    const rowsShown = async (): Promise<number> =>
      Number(/^\d+/.exec((await figure.locator("figcaption").textContent()) ?? "")?.[0]);
    // A worker counts them, after the chart has been drawn.
    let zoomed = 0;
    await until(async () => {
      zoomed = await rowsShown();
      return zoomed > 60 && zoomed < 200;
    });
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await rowsShown(), zoomed);
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Enlarge");
  });

  it("shows a million rows, of which few stand in the page and few are read", async () => {
    const page = await open("files", "million");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).search));
    await page.getByText("1 to 12 of 1,000,000 rows").waitFor();
    assert.ok((await page.locator(".data-table *").count()) < 200);
    await page.getByLabel("Row", { exact: true }).fill("765432");
    await page.getByRole("button", { name: "Go", exact: true }).click();
    await page.getByRole("cell", { name: "v765432" }).waitFor();
    await page.locator(".data-table-scroller").evaluate((bar) => bar.scrollTo(0, bar.scrollHeight));
    await page.getByRole("cell", { name: "v1000000" }).waitFor();
    assert.ok(asked.length < 12, asked.join(" "));
    await page.getByRole("button", { name: "Chart" }).click();
    await page.getByRole("figure").getByText("1,000,000 rows").waitFor();
  });

  it("shows JSON as a tree, text piece by piece, messages by their fields, and other bytes as such", async () => {
    const tree = await open("files", "values");
    await tree.getByText('"north"').waitFor();
    assert.deepEqual(await findBarriers(tree), []);
    const slip = await open("files", "slip");
    await slip.getByText("This is no JSON").waitFor();
    await slip.getByText("{ not json").waitFor();
    const notes = await open("files", "notes");
    await notes.getByText("The first 262 kB of 660 kB.").waitFor();
    await notes.getByRole("button", { name: "Show more" }).click();
    await notes.getByText("The first 524 kB of 660 kB.").waitFor();
    const message = await open("files", "message");
    await message.getByText("its fields by their numbers").waitFor();
    await message.getByText('"done"').waitFor();
    const bytes = await open("files", "bytes");
    await bytes.getByText("00000000  00 62 75 73 ff").waitFor();
    assert.deepEqual(await findBarriers(bytes), []);
  });

  it("saves a file, and says where it is empty, was changed, or is not there", async () => {
    const empty = await open("files", "empty");
    await empty.getByText("The file is empty.").waitFor();
    const later = await open("files", "later");
    await later.getByText("This file was written to after the node had made it").waitFor();
    const [download] = await Promise.all([
      later.waitForEvent("download"),
      later.getByRole("link", { name: "Download" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "later.txt");
    const gone = await open("files", "gone");
    await gone.getByText("ARTIFACT_NOT_FOUND").waitFor();
    assert.deepEqual(await findBarriers(gone), []);
    // That a file is not there is an answer that a browser complains of.
    const complaints = plain.problems as string[];
    assert.ok(complaints.splice(0).every((text) => text.includes("404")));
  });

  it("shows what is in files and their names as text alone", async () => {
    const page = await open("files", "hostile");
    await page.getByRole("cell", { name: "<script>alert(1)</script>" }).waitFor();
    await page.getByText("<img src=x onerror=alert(1)>.csv", { exact: true }).waitFor();
    assert.equal(await page.locator(".artifact img, .artifact b, .artifact script").count(), 0);
  });

  it("breaks no policy and leaves no error", () => {
    assert.deepEqual(
      opened.flatMap(({ problems }) => problems),
      [],
    );
  });
});

async function firstRow(page: Page): Promise<string> {
  const cells = await page.locator(".data-table tbody tr").first().locator("th, td").allTextContents();
  return cells.join(" ");
}

async function makeEnergy(world: World): Promise<void> {
  await startRun(world, "energy_data_pipeline", "energy");
  assert.equal(await runEnded(world, "energy"), "run.succeeded");
}

/** A run whose nodes succeed without writing anything: their files are written here. */
async function makeFiles(world: World): Promise<void> {
  const address = world.services.all.get("meters")?.address ?? "";
  const containers = Object.entries(FILES).map(([id, { name }]) => ({
    ...{
      id,
      executor: "grpc",
      service: "meters",
      input_file: "/data/readings.csv",
      output_file: `/data/files/${name}`,
    },
  }));
  const text = JSON.stringify({ workflow_name: "files", service_registry: { meters: address }, containers });
  await world.api.call("put", "/api/v1/workflows/{name}", { path: { name: "files" }, body: { text, format: "json" } });
  const folder = join(world.dataRoot, "files");
  mkdirSync(folder);
  for (const { name, content } of Object.values(FILES)) writeFileSync(join(folder, name), content);
  await startRun(world, "files", "files");
  assert.equal(await runEnded(world, "files"), "run.succeeded");
  const later = new Date(Date.now() + LATER_MS);
  utimesSync(join(folder, "later.txt"), later, later);
  rmSync(join(folder, "gone.csv"));
}

function millionRows(): string {
  const rows = Array.from({ length: 1_000_000 }, (_, index) => `${index + 1},v${index + 1},${index % 977}`);
  return `row,name,value\n${rows.join("\n")}\n`;
}
