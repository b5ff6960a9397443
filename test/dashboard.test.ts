// The dashboard in a real browser, at a real server.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import axe from "axe-core";
import { type OpenBrowser, openBrowser } from "./browser/browser.ts";
import { type Serving, startServing } from "./serve/serving.ts";

describe("the dashboard", () => {
  let browser: OpenBrowser;
  let serving: Serving;
  before(async () => {
    [browser, serving] = await Promise.all([openBrowser(), startServing()]);
  });
  after(async () => {
    await browser.close();
    await serving.close();
  });

  it("shows its pages, and nothing complains", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(serving.url);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    for (const name of ["Workflows", "Services", "System"]) {
      await page.getByRole("link", { name }).click();
      await page.getByRole("heading", { name }).waitFor();
    }
    await page.evaluate(axe.source);
    assert.deepEqual(problems, []);
  });
});
