// The graph of a run, as it is gone through by hand, wheel and keys.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Locator, Page } from "playwright-core";
import { findBarriers } from "./axe.ts";
import type { OpenPage } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, startRun } from "./world.ts";

const LARGE = "large";
const SMALL = "small";

describe("the graph of a run", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  before(async () => {
    world.services.script({ "load-019": "fail" });
    await startRun(world, "nightly_meter_rollup", LARGE);
    await startRun(world, "energy_data_pipeline", SMALL);
    await nodeIs(world, LARGE, "load-019", "failed");
    await nodeIs(world, SMALL, "report-generator", "succeeded");
  });

  const open = async (runId: string, options = {}): Promise<OpenPage & { readonly graph: Locator }> => {
    const opened = await browser.newPage(options);
    await opened.page.goto(`${world.url}/runs/${runId}`);
    const graph = opened.page.getByRole("application");
    await graph.waitFor();
    return { ...opened, graph };
  };

  it("opens on the first node that failed, at a size at which it can be read", async () => {
    const { page, problems, graph } = await open(LARGE);
    const failed = node(graph, "load-019");
    await failed.waitFor();
    const [inner, outer] = [await rectOf(failed), await rectOf(graph)];
    assert.ok(inner.height >= 34 * 0.62, `${inner.height} pixels`);
    assert.ok(inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width);
    assert.ok(inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height);
    assert.match((await failed.getAttribute("aria-label")) ?? "", /^load-019, failed/);
    await page.close();
    assert.deepEqual(problems, []);
  });

  it("follows the edges by arrows, with the focus on the node, and shows all with f", async () => {
    const { page, problems, graph } = await open(LARGE);
    await node(graph, "load-019").click();
    await page.keyboard.press("ArrowLeft");
    await focused(page, "clean-019");
    await page.keyboard.press("ArrowLeft");
    await focused(page, "fetch-019");
    assert.equal(new URL(page.url()).searchParams.get("node"), "fetch-019");
    await page.keyboard.press("ArrowRight");
    await focused(page, "clean-019");
    await page.keyboard.press("f");
    await node(graph, "clean-019").waitFor({ state: "detached" });
    // What had the focus is no button any more; the arrows go on from there nevertheless.
    await page.keyboard.press("ArrowRight");
    await focused(page, "load-019");
    await page.close();
    assert.deepEqual(problems, []);
  });

  it("finds a node by its name, and says so when there is none", async () => {
    const { page, problems, graph } = await open(LARGE);
    const field = graph.getByRole("combobox");
    await field.fill("no such node");
    await graph.getByText("No node has this in its name.").waitFor();
    await field.fill("FETCH-07");
    assert.equal(await graph.getByRole("option").count(), 8);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await graph.locator('.graph-selected[data-node="fetch-071"]').waitFor();
    await page.close();
    assert.deepEqual(problems, []);
  });

  it("is moved by hand and zoomed by the wheel, and a press that moves is no click", async () => {
    const { page, problems, graph } = await open(LARGE);
    const failed = node(graph, "load-019");
    await failed.waitFor();
    const selected = new URL(page.url()).searchParams.get("node");
    const before = await rectOf(failed);
    await page.mouse.move(before.x + 20, before.y + 10);
    await page.mouse.down();
    await page.mouse.move(before.x - 40, before.y + 40, { steps: 4 });
    await page.mouse.up();
    const moved = await rectOf(failed);
    assert.deepEqual([Math.round(moved.x - before.x), Math.round(moved.y - before.y)], [-60, 30]);
    assert.equal(new URL(page.url()).searchParams.get("node"), selected);
    await page.mouse.wheel(0, -200);
    // The browser tells nobody when it has turned the wheel: a test that waits in vain has failed.
    while ((await rectOf(failed)).width <= moved.width) await page.evaluate("new Promise(requestAnimationFrame)");
    await graph.getByRole("button", { name: "Zoom out" }).click();
    await graph.getByRole("button", { name: "Fit", exact: true }).click();
    await failed.waitFor({ state: "detached" });
    await page.close();
    assert.deepEqual(problems, []);
  });

  it("is gone through with Tab where it is small, each node with its state as a word", async () => {
    const { page, problems, graph } = await open(SMALL, { width: 390, height: 844 });
    const first = node(graph, "energy-generator");
    assert.match((await first.textContent()) ?? "", /succeeded/);
    await graph.focus();
    for (const id of ["energy-generator", "energy-analyzer", "report-generator"]) {
      await page.keyboard.press("Tab");
      await focused(page, id);
      const [inner, outer] = [await rectOf(node(graph, id)), await rectOf(graph)];
      assert.ok(inner.x + inner.width > outer.x && inner.x < outer.x + outer.width, `${id} is out of sight`);
    }
    await page.close();
    assert.deepEqual(problems, []);
  });

  it("keeps nobody out, in light and dark", async () => {
    for (const theme of ["light", "dark"] as const) {
      const { page, problems, graph } = await open(LARGE, { theme });
      await node(graph, "load-019").waitFor();
      await graph.getByRole("combobox").fill("load");
      assert.deepEqual(await findBarriers(page), []);
      await page.close();
      assert.deepEqual(problems, []);
    }
  });
});

function node(graph: Locator, id: string): Locator {
  return graph.locator(`[data-node="${id}"]`);
}

async function focused(page: Page, id: string): Promise<void> {
  await page.locator(`[data-node="${id}"]:focus`).waitFor();
}

async function rectOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  return (await locator.boundingBox()) ?? assert.fail("it is nowhere");
}
