// The whole story without a mouse: the page is told nothing but keys.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { useDashboard } from "./use-dashboard.ts";

/** More presses than any page has places to stop at. */
const MANY = 80;

describe("the dashboard by keyboard alone", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("starts a run, reads why it failed, resumes it, and looks back", async () => {
    const { page, problems } = await browser.newPage();
    const analyzer = world.services.all.get("energy-analyzer");
    const letGo = world.services.all.get("energy-generator")?.hold();
    await page.goto(world.url);
    await page.getByRole("heading", { name: "Runs" }).waitFor();

    // The first stop leads past the bar; what has the focus can be seen.
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to content");
    await tabTo(page, "Workflows");
    assert.equal(await page.evaluate(OUTLINE), true, "what has the focus is outlined");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Workflows" }).waitFor();
    await page.getByRole("link", { name: "energy_data_pipeline" }).first().waitFor();
    await tabTo(page, "energy_data_pipeline");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Start run" }).waitFor();
    await tabTo(page, "Start run");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/runs/*");

    const main = page.getByRole("main");
    await main.getByText("running", { exact: true }).first().waitFor();
    await analyzer?.stop();
    letGo?.();
    await main.getByText("energy-analyzer failed after 4 attempts").waitFor();
    await analyzer?.start();
    await page.evaluate("document.querySelector('main').focus()");
    await tabTo(page, "Resume");
    await page.keyboard.press("Enter");
    await main.getByRole("button", { name: "Resume" }).waitFor({ state: "detached" });
    await main.getByText("succeeded", { exact: true }).first().waitFor();

    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("[");
    await page.getByRole("button", { name: "Back to now" }).waitFor();
    assert.deepEqual(problems, []);
  });

  it("finds runs with `/`, and leaves the field with Escape", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByRole("link", { name: "energy_data_pipeline" }).first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("nobody");
    await page.getByText("No run fits").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("q"), "nobody");
    assert.deepEqual(problems, []);
  });

  it("goes along the edges of the graph with the arrows", async () => {
    const { page, problems } = await browser.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${world.url}/workflows/tariff_import`);
    const node = (id: string) => page.locator(`[data-node="${id}"]`);
    await node("fetch-tariffs").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("[data-node=parse]:focus").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.locator("[data-node=fetch-tariffs]:focus").waitFor();
    assert.deepEqual(problems, []);
  });
});

const OUTLINE = `getComputedStyle(document.activeElement).outlineStyle !== "none"`;

/** What has the focus, by the first line of its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate("(document.activeElement?.textContent ?? '').trim().split('\\n')[0]");
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < MANY; pressed++) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${name} is not reached by Tab`);
}
