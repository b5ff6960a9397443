// The log of a node in its panel: what was there before, what comes, what the past had, and what is missing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Page } from "playwright-core";
import type { AttemptLog } from "../../src/ports/run-logs.ts";
import { breakable } from "../serve/breakable.ts";
import { findBarriers } from "./axe.ts";
import type { OpenPage } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, runEnded, startRun, worldLogs } from "./world.ts";

const RUN = "tariffs";
const LINES = 200_000;

describe("the log of a node", () => {
  const { world, browser } = useDashboard({ runs: false });
  let parse: AttemptLog;

  before(async () => {
    world.services.script({ parse: "hold" });
    await startRun(world, "tariff_import", RUN, { day: "2026-11-26" });
    await nodeIs(world, RUN, "parse", "running");
    parse = worldLogs(world.stateDir).open(RUN, { nodeId: "parse", attempt: 1 });
    for (let line = 1; line <= 60; line += 1) parse.write("stdout", `tariff ${line}: 0.31 EUR\n`);
    parse.write("stderr", "\u001b[1;31mtariff 61 has no price\u001b[0m\n");
  });

  after(async () => {
    parse.end();
  });

  async function openLog(node: string, url = world.url): Promise<OpenPage> {
    const opened = await browser.newPage();
    await opened.page.goto(`${url}/runs/${RUN}?node=${node}`);
    await opened.page.getByRole("tab", { name: "logs" }).click();
    return opened;
  }

  const logOf = (page: Page, node: string) => page.getByRole("log", { name: `Log of ${node}` });

  it("begins with what was written before, and follows what is written, at its end", async () => {
    const { page, problems } = await openLog("parse");
    const log = logOf(page, "parse");
    await log.getByText("tariff 61 has no price").waitFor();
    assert.equal(await log.locator(".logs-ink-red.logs-bold").count(), 1);
    parse.write("stdout", "tariff 62: 0.29 EUR\n");
    await log.getByText("tariff 62").waitFor();
    assert.deepEqual(await findBarriers(page), []);

    // Who reads further up is left there, and told of what has come.
    await log.evaluate((box) => box.scrollTo(0, 0));
    await page.getByRole("checkbox", { name: "Follow the log", checked: false }).waitFor();
    await log.getByText("tariff 1:").waitFor();
    parse.write("stdout", "tariff 63: 0.28 EUR\n");
    const more = page.getByRole("button", { name: "1 new line" });
    await more.waitFor();
    assert.equal(await log.evaluate((box) => box.scrollTop), 0);
    await more.click();
    await log.getByText("tariff 63").waitFor();
    parse.write("stdout", "tariff 64: 0.28 EUR\n");
    await log.getByText("tariff 64").waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("is searched by keyboard, from line to line, and shows those lines alone", async () => {
    const { page, problems } = await openLog("parse");
    const log = logOf(page, "parse");
    const find = page.getByRole("searchbox", { name: "Find in the log" });
    await find.fill("TARIFF 1");
    const found = page.locator(".logs-found");
    await page.getByText(/^11 lines$/).waitFor();
    await find.press("Enter");
    await page.getByText(/^1 of 11 lines$/).waitFor();
    await log.locator(".logs-current mark").getByText("tariff 1").waitFor();
    await find.press("Enter");
    await find.press("Enter");
    await find.press("Shift+Enter");
    await page.getByText(/^2 of 11 lines$/).waitFor();
    await page.getByRole("button", { name: "only these" }).click();
    await log.and(page.locator('[data-lines="11"]')).waitFor();
    await find.fill("no such text");
    await found.getByText("no line").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("is read again where the connection was lost, and stays in sight meanwhile", async () => {
    const way = await breakable(world.url);
    const { page, problems } = await openLog("parse", way.url);
    const log = logOf(page, "parse");
    await log.getByText("tariff 61").waitFor();
    await page.context().setOffline(true);
    way.cut();
    await page.getByText("The log is not followed any more").waitFor();
    await log.getByText("tariff 61").waitFor();
    await page.context().setOffline(false);
    await page.getByText("The log is not followed any more").waitFor({ state: "detached" });
    parse.write("stdout", "written after the loss\n");
    await log.getByText("written after the loss").waitFor();
    // What the browser itself says of requests that were not answered.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("net::ERR_")),
      [],
    );
    await page.context().close();
    way.close();
  });

  it("that was cut says how much is missing, and where", async () => {
    const log = worldLogs(world.stateDir, 64 * 1024).open(RUN, { nodeId: "fetch-tariffs", attempt: 1 });
    for (let row = 1; row <= 5000; row += 1) log.write("stdout", `row ${row}: 231.7 V, 1.166 A, 226.3 W\n`);
    log.end();
    const { page, problems } = await openLog("fetch-tariffs");
    await page.getByText(/kB left out: of a long log the beginning and the end are kept/).waitFor();
    await page.getByRole("button", { name: "Show where" }).click();
    await page
      .locator(".logs-current")
      .getByText(/… .+ left out …/)
      .waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("that is not there says why", async () => {
    const { page, problems } = await openLog("compare");
    await page.getByText("compare has not started yet.").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it(`of ${LINES} lines is drawn as far as it is in sight, searched, and of the past shows what had been written by then`, async () => {
    const log = worldLogs(world.stateDir).open(RUN, { nodeId: "compare", attempt: 1 });
    world.services.script({ compare: "hold", parse: undefined });
    await nodeIs(world, RUN, "compare", "running");
    for (let from = 0; from < LINES; from += 1000) {
      log.write("stdout", Array.from({ length: 1000 }, (_, index) => `${from + index + 1} prices compared\n`).join(""));
    }
    log.end();
    await setTimeout(5);
    world.services.script({ compare: undefined });
    await runEnded(world, RUN);
    const { page, problems } = await openLog("compare");
    const box = logOf(page, "compare");
    await box.and(page.locator(`[data-lines="${LINES}"]`)).waitFor();
    await box.getByText(`${LINES} prices compared`).waitFor();
    assert.ok((await page.locator(".logs-line").count()) < 200);
    await page.getByRole("searchbox", { name: "Find in the log" }).fill("77777 prices");
    await page.getByText(/^2 lines$/).waitFor();
    await page.getByRole("searchbox", { name: "Find in the log" }).press("Enter");
    await page.locator(".logs-current").getByText("77777 prices compared").waitFor();

    // Also on a phone, where the page scrolls and not the panel.
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator(".logs-current").getByText("77777 prices compared").waitFor();
    assert.ok((await page.locator(".logs-line").count()) < 200);
    await page.setViewportSize({ width: 1440, height: 900 });

    // One event after another into the past, until the node had not started.
    const slider = page.getByRole("slider", { name: "Time in the run" });
    await slider.focus();
    await slider.press("Home");
    await page.getByText("compare had not started at this moment.").waitFor();
    assert.equal(await page.locator(".logs-line").count(), 0);
    // run.created, run.started, and two events of each node before it.
    for (let event = 1; event < 7; event += 1) await slider.press("ArrowRight");
    await page.getByText("compare had written nothing at this moment.").waitFor();
    assert.equal(await page.locator(".logs-line").count(), 0);
    await slider.press("ArrowRight");
    await box.and(page.locator(`[data-lines="${LINES}"]`)).waitFor();
    await slider.press("End");
    await box.and(page.locator(`[data-lines="${LINES}"]`)).waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});
