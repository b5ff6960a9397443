// What goes wrong with one page leaves the frame standing, with the way to all others.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";

describe("a page that cannot be shown", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("is fetched once the server answers again, where its scripts were asked for while it was away", async () => {
    const { page } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await world.stopServer("SIGKILL");
    await page.getByRole("link", { name: "Workflows" }).click();
    const note = page.getByRole("alert").filter({ hasText: "Its program did not come" });
    await note.waitFor();
    await note.getByRole("button", { name: "Load it anew" }).click();
    await note.waitFor();
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByRole("main").getByText("the server does not answer").waitFor();
    await page.getByRole("link", { name: "Workflows" }).click();
    await note.waitFor();
    await world.startServer();
    await page.getByRole("heading", { name: "Workflows" }).waitFor();
    await page.context().close();
  });

  it("leads nowhere by an address that no name can have, and says so", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    for (const address of ["/runs/%E0%A4%A", "/runs/100%", "/runs/__proto__", "/compare?a=&b=%", "/compare?a=&b="]) {
      await page.evaluate(
        `history.pushState(null, "", ${JSON.stringify(address)}); dispatchEvent(new Event("popstate"))`,
      );
      await page
        .getByRole("main")
        .getByText(/There is no run|Which run is to be compared/)
        .first()
        .waitFor();
    }
    assert.deepEqual(problems, []);
    await page.context().close();
  });
});
