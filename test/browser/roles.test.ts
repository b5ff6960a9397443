// Who is signed in, and what that lets them do.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findBarriers } from "./axe.ts";
import { useDashboard } from "./use-dashboard.ts";
import { RUNS } from "./world.ts";

describe("the dashboard of a server with tokens", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard();

  it("asks who it is, and lets a viewer look and nothing else", async () => {
    const { token } = await world.api.call("post", "/api/v1/tokens", { body: { role: "viewer", name: "vera" } });
    const { page, problems } = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${world.url}/runs/${RUNS.failed}`);
    const field = page.getByLabel(/token/i).first();
    await field.waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await field.fill("busbar_wrong");
    await page.keyboard.press("Enter");
    await page
      .getByText(/TOKEN_INVALID|not one of|no token/i)
      .first()
      .waitFor();
    await field.fill(token);
    await page.keyboard.press("Enter");

    // Where they wanted to go.
    const main = page.getByRole("main");
    await main.getByText("energy-analyzer failed after 4 attempts").waitFor();
    assert.equal(await main.getByRole("button", { name: "Resume" }).getAttribute("aria-disabled"), "true");
    await main.getByRole("button", { name: "Resume" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("This needs the role operator, and yours is viewer.").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("Escape");
    for (const path of ["/runs", "/workflows/tariff_import", "/services", "/system"]) {
      await page.goto(`${world.url}${path}`);
      await page.getByRole("heading").first().waitFor();
      assert.deepEqual(await findBarriers(page), [], path);
    }
    const { status } = await world.api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: RUNS.failed } });
    assert.equal(status, "failed");
    // Not where a script could read it.
    const kept = await page.evaluate<string>(
      "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])",
    );
    for (const text of [await page.content(), kept]) assert.equal(text.includes(token), false);
    assert.deepEqual(
      problems.filter((problem) => !/status of 40[13]/.test(problem)),
      [],
    );
  });
});
