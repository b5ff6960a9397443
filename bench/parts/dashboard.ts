import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { type OpenBrowser, openBrowser } from "../../test/browser/browser.ts";
import { startServing } from "../../test/serve/serving.ts";
import { type Pages, servePage } from "../harness/pages.ts";
import type { BenchContext, Part } from "../harness/part.ts";
import { allowanceOf, type Result, ratioResult } from "../harness/result.ts";
import { measureInRounds, ratioOf, type Subject } from "../harness/rounds.ts";
import { spreadOf } from "../harness/statistics.ts";

const BUILD = fileURLToPath(new URL("../../scripts/dashboard.ts", import.meta.url));
const NODES = 1000;
const MANY_NODES = 10_000;
const CHANGES_PER_SECOND = 50;
/** A browser calls a task long that keeps the page from answering for so many milliseconds. */
const LONG_TASK_MS = 50;
/** What is asked of a change drawn, to a bare canvas. */
const MOST_OF_BARE = 2;
const FIRST_VIEW_KB = 150;

/** What `window.bench.measure` says (dashboard/bench/measure-draws.ts). */
interface Draws {
  readonly costs: readonly number[];
  readonly longestTaskMs: number;
}

/** The dashboard in a real Chromium. */
export const dashboardPart: Part = {
  name: "dashboard",
  about: `the graph of ${NODES.toLocaleString("en")} and of ${MANY_NODES.toLocaleString("en")} nodes, and the first view, in a real Chromium`,
  async *measure(context) {
    const pages = await servePage("dashboard/bench/graph-page.tsx");
    const browser = await openBrowser();
    try {
      yield* measureDrawing(browser, pages, context);
      yield* measureManyNodes(browser, pages, context);
      yield* measureFirstView(browser);
    } finally {
      await browser.close();
      await pages.close();
    }
  },
};

async function* measureDrawing(browser: OpenBrowser, { url }: Pages, context: BenchContext): AsyncGenerator<Result> {
  const forMs = context.short ? 1000 : 2000;
  const bare = await openGraph(browser, `${url}?nodes=${NODES}&bare`);
  const far = await openGraph(browser, `${url}?nodes=${NODES}`);
  await far.evaluate("bench.fit()");
  const near = await openGraph(browser, `${url}?nodes=${NODES}`);
  const longest = { ours: [] as number[], bare: [] as number[] };
  const p95 =
    (page: Page, whose: keyof typeof longest = "ours"): Subject =>
    async () => {
      await page.bringToFront();
      const draws = await page.evaluate<Draws>(`bench.measure(${CHANGES_PER_SECOND}, ${forMs})`);
      longest[whose].push(Math.max(draws.longestTaskMs, ...draws.costs));
      return percentile(draws.costs, 0.95);
    };
  const samples = await measureInRounds({ bare: p95(bare, "bare"), far: p95(far), near: p95(near) }, context);
  const what = { far: "all of them in sight", near: "names to be read" };
  for (const name of ["far", "near"] as const) {
    yield ratioResult(
      "dashboard",
      `a change drawn, p95, ${NODES.toLocaleString("en")} nodes and ${CHANGES_PER_SECOND} changes/s, ${what[name]}, to a bare canvas with as many boxes and lines`,
      ratioOf(samples[name], samples.bare),
      context.rounds,
      {
        asked: { bound: "at most", value: MOST_OF_BARE },
        note: `${inMs(samples[name])} to ${inMs(samples.bare)}`,
      },
    );
  }
  const spread = spreadOf(longest.ours);
  yield {
    part: "dashboard",
    name: `the longest time that the page was busy, of every ${forMs / 1000} s of it`,
    unit: "ms",
    value: spread.median,
    spread,
    rounds: context.rounds,
    asked: { bound: "at most", value: LONG_TASK_MS },
    allowance: allowanceOf(longest.bare, MOST_OF_BARE),
    note: `the bare canvas ${inMs(longest.bare)}`,
  };
  for (const page of [bare, far, near]) await page.close();
}

async function* measureManyNodes(browser: OpenBrowser, { url }: Pages, context: BenchContext): AsyncGenerator<Result> {
  const opened: number[] = [];
  const zoomed: number[] = [];
  const found: number[] = [];
  const times = context.short ? 3 : 9;
  for (let time = 0; time < times; time += 1) {
    const page = await openPage(browser);
    opened.push(
      await timed(async () => {
        await page.goto(`${url}?nodes=${MANY_NODES}`);
        await page.locator(".graph-node").first().waitFor();
      }),
    );
    await page.evaluate("bench.fit()");
    const box = await page.locator(".graph-box").boundingBox();
    if (box === null) throw new Error("the graph is nowhere");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    zoomed.push(
      await timed(async () => {
        // From all of it, step by step, to where names can be read.
        while ((await page.locator(".graph-box[data-far]").count()) > 0) {
          await page.mouse.wheel(0, -240);
          await page.evaluate("new Promise(requestAnimationFrame)");
        }
      }),
    );
    await page.evaluate("bench.fit()");
    const name = await page.evaluate<string>(`bench.nameOf(${MANY_NODES - 1 - time})`);
    found.push(
      await timed(async () => {
        await page.getByRole("combobox").fill(name);
        await page.keyboard.press("Enter");
        await page.locator(`.graph-selected[data-node="${name}"]`).waitFor();
      }),
    );
    await page.close();
  }
  const rows = {
    "opened, until its first names can be read": opened,
    "zoomed from all of it to names": zoomed,
    "a node found by its name": found,
  };
  for (const [what, values] of Object.entries(rows)) {
    const spread = spreadOf(values);
    yield {
      part: "dashboard",
      name: `${MANY_NODES.toLocaleString("en")} nodes: ${what}`,
      unit: "ms",
      value: spread.median,
      spread,
      rounds: times,
    };
  }
}

/** All that a browser gets for the first page, and that what the page names is there for who asks by HEAD. */
async function* measureFirstView(browser: OpenBrowser): AsyncGenerator<Result> {
  // Built anew where it is older than its sources.
  execFileSync(process.execPath, [BUILD], { stdio: ["ignore", "ignore", "inherit"] });
  const server = await startServing();
  try {
    const page = await openPage(browser);
    const sizes: Promise<number>[] = [];
    const paths: string[] = [];
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith("/api/")) return;
      paths.push(pathname);
      sizes.push(
        response
          .request()
          .sizes()
          .then(({ responseBodySize }) => responseBodySize),
      );
    });
    await page.goto(server.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    const html = await (await fetch(server.url)).text();
    const named = [...html.matchAll(/<(?:link|script)[^>]* (?:href|src)="([^"]+)"/g)].map(([, path = ""]) => path);
    for (const path of named) {
      const { status } = await fetch(new URL(path, server.url), { method: "HEAD" });
      if (status !== 200) throw new Error(`HEAD ${path} answers ${status}`);
    }
    await page.close();
    yield {
      part: "dashboard",
      name: "first view, brotli, all files that a browser gets",
      unit: "KB",
      value: bytes / 1000,
      asked: { bound: "at most", value: FIRST_VIEW_KB },
      tolerance: 1,
      note: `${paths.length} files, of which the page names ${named.length}`,
    };
  } finally {
    await server.close();
  }
}

async function openGraph(browser: OpenBrowser, url: string): Promise<Page> {
  const page = await openPage(browser);
  await page.goto(url);
  await page.locator("canvas").first().waitFor();
  return page;
}

/** A page that breaks the policy, or complains in its console, ends the bench. */
async function openPage(browser: OpenBrowser): Promise<Page> {
  const { page, problems } = await browser.newPage();
  const close = page.close.bind(page);
  page.close = async () => {
    await close();
    if (problems.length > 0) throw new Error(problems.join("\n"));
  };
  return page;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function percentile(values: readonly number[], fraction: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * fraction)] ?? Number.NaN;
}

function inMs(values: readonly number[]): string {
  return `${spreadOf(values).median.toFixed(1)} ms`;
}
