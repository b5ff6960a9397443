// The feed of the dashboard over many tabs of one browser, which opens six connections to a server at most.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { type Breakable, breakable } from "../serve/breakable.ts";
import { type Serving, startServing } from "../serve/serving.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";

const TABS = 24;

/** Its service is nowhere: a run of it has failed as soon as it began. */
const WORKFLOW = {
  workflow_name: "nowhere",
  service_registry: { nobody: "localhost:1" },
  start_node: "a",
  containers: { a: { service: "nobody", input_file: "in", output_file: "out" } },
};

describe("the feed over tabs", () => {
  let serving: Serving;
  let browser: OpenBrowser;

  before(async () => {
    serving = await startServing();
    const text = JSON.stringify(WORKFLOW);
    assert.equal((await serving.call("POST", "/workflows", { format: "json", text })).status, 201);
    browser = await openBrowser();
  });

  after(async () => {
    await browser.close();
    await serving.close();
  });

  const start = async (run_id: string): Promise<void> => {
    const { status, body } = await serving.call("POST", "/runs", { workflow: "nowhere", run_id });
    assert.equal(status, 201, JSON.stringify(body));
  };

  it(`keeps ${TABS} tabs live over one stream, also when the tab that reads it is closed`, async () => {
    const { page, problems } = await browser.newPage();
    const pages = [page];
    while (pages.length < TABS) pages.push(await page.context().newPage());
    await Promise.all(pages.map((one) => openRuns(one, serving.url)));
    assert.equal(serving.countStreams(), 1);

    await start("first");
    await Promise.all(pages.map((one) => shows(one, "first")));

    await page.close();
    const others = pages.slice(1);
    await start("second");
    await Promise.all(others.map((one) => shows(one, "second")));
    assert.equal(serving.countStreams(), 1);
    await Promise.all(others.map((one) => isLive(one)));

    await others[0]?.context().close();
    assert.deepEqual(problems, []);
  });

  it("hands over without a gap while runs come and go", async () => {
    const { page } = await browser.newPage();
    const next = await page.context().newPage();
    const listening = await page.context().newPage();
    for (const one of [page, next, listening]) await openRuns(one, serving.url);
    await listening.evaluate(HEAR_ALL);
    const ids = Array.from({ length: 40 }, (_, number) => `busy-${number}`);
    for (const [number, id] of ids.entries()) {
      await start(id);
      if (number === 15) void page.close();
    }
    await shows(listening, "busy-39");
    const last = new Map<string, number>();
    for (const id of ids) last.set(id, (await serving.call("GET", `/runs/${id}`)).body.last_seq);
    await listening.waitForFunction(hasHeard, [...last]);
    await listening.context().close();
  });

  describe("when the server cannot be reached", () => {
    let way: Breakable;
    before(async () => {
      way = await breakable(serving.url);
    });
    after(() => way.close());

    it("all tabs say so, and since when, and show what they missed once it can be", async () => {
      const { page } = await browser.newPage();
      const other = await page.context().newPage();
      const tabs = [page, other];
      await Promise.all(tabs.map((one) => openRuns(one, way.url)));
      await Promise.all(tabs.map((one) => one.route("**/api/v1/**", (route) => route.abort())));
      way.cut();
      await Promise.all(tabs.map((one) => one.getByText(/^Not live since/).waitFor()));
      await start("missed");
      await Promise.all(tabs.map((one) => one.unroute("**/api/v1/**")));
      await other.getByRole("button", { name: "Try now" }).click();
      await Promise.all(tabs.map((one) => isLive(one)));
      await Promise.all(tabs.map((one) => shows(one, "missed")));
      await page.context().close();
    });
  });

  it("knows who the reader is once the server answers, where it did not at first", async () => {
    const { page } = await browser.newPage();
    await page.route("**/api/v1/**", (route) => route.abort());
    await page.goto(`${serving.url}/runs`);
    await page.getByText(/^Not live since/).waitFor();
    const who = page.getByRole("button", { name: "who am I" });
    assert.equal(await who.count(), 0);
    await page.unroute("**/api/v1/**");
    await page.getByRole("button", { name: "Try now" }).click();
    await who.waitFor();
    await page.context().close();
  });

  it("a browser without locks reads a stream in each tab that is looked at", async () => {
    const { page, problems } = await browser.newPage();
    await page.addInitScript("delete Navigator.prototype.locks");
    await openRuns(page, serving.url);
    await start("alone");
    await shows(page, "alone");
    await page.context().close();
    assert.deepEqual(problems, []);
  });
});

/** What tabs tell each other, by run. */
const HEAR_ALL = `
  globalThis.heard = new Map();
  globalThis.channel = new BroadcastChannel("busbar:feed");
  channel.onmessage = ({ data }) => {
    for (const { event } of data.items ?? []) {
      if (event !== undefined) heard.set(event.run_id, (heard.get(event.run_id) ?? new Set()).add(event.seq));
    }
  };`;

/** In the page: whether it has heard each event of each run. */
function hasHeard(last: readonly (readonly [id: string, seq: number])[]): boolean {
  const { heard } = globalThis as unknown as { readonly heard: ReadonlyMap<string, ReadonlySet<number>> };
  return last.every(([id, seq]) => heard.get(id)?.size === seq);
}

async function openRuns(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/runs`);
  await isLive(page);
}

/** Its live dot says so. */
async function isLive(page: Page): Promise<void> {
  await page.getByRole("status").getByText("live", { exact: true }).waitFor();
}

async function shows(page: Page, runId: string): Promise<void> {
  await page.getByRole("table").getByText(runId, { exact: true }).waitFor();
}
