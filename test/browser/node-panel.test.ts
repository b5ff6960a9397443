// The timeline of a run and the panel of its nodes, by keyboard, in both themes, on a phone, and of the past.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";
import { runEnded, startRun } from "./world.ts";

const RUN = "quotes";
const ROLLUP = "rollup";

describe("the timeline and the panel of a node", () => {
  const { world, browser } = useDashboard({ runs: false });

  before(async () => {
    world.services.script({ quote: "hold" });
    await Promise.all([startRun(world, "price_lookup", RUN), startRun(world, "nightly_meter_rollup", ROLLUP)]);
    await Promise.all([runEnded(world, RUN), runEnded(world, ROLLUP)]);
  });

  const rowOf = (page: Page, name: RegExp) =>
    page.getByRole("list", { name: "Nodes by their start" }).getByRole("button", { name });

  it("are used by keyboard alone: from row to row, into the panel, over its tabs, and back", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/${RUN}`);
    // It opens on what failed first.
    const panel = page.getByRole("complementary", { name: "Node quote" });
    await panel.getByText("failed").first().waitFor();
    await rowOf(page, /^quote/).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const other = page.getByRole("complementary", { name: "Node apply" });
    await other.getByText("did not succeed").waitFor();
    // The link in the panel goes with the node it was on: the place is the new node's name.
    await other.getByRole("button", { name: "quote" }).first().focus();
    await page.keyboard.press("Enter");
    await panel.getByRole("heading", { name: "quote", level: 2 }).and(page.locator(":focus")).waitFor();

    await panel.getByRole("tab", { name: "overview" }).focus();
    await page.keyboard.press("ArrowRight");
    await panel.getByRole("heading", { name: "Attempt 2" }).waitFor();
    assert.equal(await panel.getByRole("heading", { level: 3 }).count(), 2);
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("ArrowRight");
    await panel.getByText("its service keeps its own log").waitFor();
    await page.keyboard.press("End");
    await panel.getByRole("heading", { name: "Input" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await panel.getByText("Waits for").waitFor();

    await panel.getByRole("button", { name: "Close the node panel" }).focus();
    await page.keyboard.press("Enter");
    await panel.waitFor({ state: "detached" });
    await rowOf(page, /^quote/)
      .and(page.locator(":focus"))
      .waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("show of the past what had happened by then, and nothing later", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/${RUN}?node=quote`);
    const panel = page.getByRole("complementary", { name: "Node quote" });
    await panel.getByRole("tab", { name: "attempts" }).click();
    await panel.getByRole("heading", { name: "Attempt 2" }).waitFor();
    const slider = page.getByRole("slider", { name: "Time in the run" });
    await slider.focus();
    await slider.press("Home");
    await panel.getByText("No attempt has been made yet.").waitFor();
    await rowOf(page, /^quote, pending$/).waitFor();
    // run.created, run.started, and the first attempt's start.
    await slider.press("ArrowRight");
    await slider.press("ArrowRight");
    await panel.getByRole("heading", { name: "Attempt 1" }).waitFor();
    assert.equal(await panel.getByText(/TIMED_OUT|DEADLINE/).count(), 0);
    assert.equal(await panel.getByRole("heading", { name: "Attempt 2" }).count(), 0);
    await panel.getByRole("tab", { name: "overview" }).click();
    assert.equal(await panel.locator(".panel-error").count(), 0);
    await rowOf(page, /^quote, running, 1 attempt/).waitFor();
    assert.equal(await page.locator(".timeline-bar-timed_out, .timeline-bar-failed").count(), 0);
    await slider.press("End");
    await panel.locator(".panel-error").waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it("draw of 300 rows those in sight, find a node by name, and come nearer to what it did", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/${ROLLUP}`);
    await rowOf(page, /./).first().waitFor();
    assert.ok((await page.locator(".timeline-row").count()) < 80);
    await page.getByRole("searchbox", { name: "Find a node in the timeline" }).fill("load-07");
    await rowOf(page, /^load-071/).click();
    assert.equal(await page.locator(".timeline-row").count(), 10);
    const bar = rowOf(page, /^load-071/).locator(".timeline-bar");
    const widthOf = async (): Promise<number> => (await bar.boundingBox())?.width ?? 0;
    const before = await widthOf();
    await page.keyboard.press("z");
    await page.locator(".timeline-part").waitFor();
    assert.ok((await widthOf()) > before * 2);
    await page.keyboard.press("z");
    await page.locator(".timeline-part").waitFor({ state: "detached" });
    await page.getByRole("searchbox", { name: "Find a node in the timeline" }).fill("no such node");
    await page.getByText("No node has “no such node” in its name.").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  for (const theme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      it(`keep nobody out: ${theme}, ${width} px`, async () => {
        const { page, problems } = await browser.newPage({ theme, width, height });
        await page.goto(`${world.url}/runs/${RUN}?node=quote`);
        await rowOf(page, /^quote/).waitFor();
        for (const tab of ["overview", "attempts", "logs", "data"]) {
          await page.getByRole("tab", { name: tab }).click();
          assert.deepEqual(await findBarriers(page), [], tab);
        }
        const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
        assert.ok(overflow <= 0, `${overflow} px stand out`);
        assert.deepEqual(problems, []);
        await page.context().close();
      });
    }
  }
});
