// Two runs side by side in a real Chromium.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { findBarriers } from "./axe.ts";
import type { OpenPage, PageOptions } from "./browser.ts";
import { useDashboard } from "./use-dashboard.ts";
import { nodeIs, runEnded, startRun } from "./world.ts";

describe("comparing runs", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });
  let plain: OpenPage;
  const opened: OpenPage[] = [];
  before(async () => {
    plain = await newPage();
    await putWorkflow(["load", "check"]);
    await startRun(world, "meters", "first", { day: "monday", site: "north" });
    await runEnded(world, "first");
  });
  async function newPage(options: PageOptions = {}): Promise<OpenPage> {
    const one = await browser.newPage(options);
    one.page.setDefaultTimeout(15_000);
    opened.push(one);
    return one;
  }

  async function putWorkflow(nodes: readonly string[]): Promise<void> {
    const text = JSON.stringify(
      {
        workflow_name: "meters",
        params: { day: {}, site: { default: "south" } },
        service_registry: { meters: world.services.all.get("meters")?.address },
        on_failure: "continue",
        containers: nodes.map((id) => ({
          ...{ id, executor: "grpc", service: "meters" },
          ...{ input_file: "/data/${params.day}.csv", output_file: `/data/${id}.csv` },
        })),
      },
      undefined,
      2,
    );
    const body = { text, format: "json" as const };
    await world.api.call("put", "/api/v1/workflows/{name}", { path: { name: "meters" }, body });
  }

  it("asks for a run, and says where there is no other one", async () => {
    const { page } = plain;
    await page.goto(`${world.url}/compare`);
    await page.getByLabel("Run", { exact: true }).selectOption("first");
    await page.getByText("There is no other run of meters yet").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.goto(`${world.url}/compare?a=nobody&b=first`);
    await page.getByText("RUN_NOT_FOUND").waitFor();
    assert.deepEqual(await findBarriers(page), []);
    // That a run is not there is an answer that a browser complains of.
    assert.ok((plain.problems as string[]).splice(0).every((text) => text.includes("404")));
  });

  it("finds the other run, follows a run that goes on, and tells what differs", async () => {
    await putWorkflow(["load", "check", "publish"]);
    world.services.script({ publish: "hold", check: "fail" });
    await startRun(world, "meters", "second", { day: "tuesday", site: "north" });
    await nodeIs(world, "second", "check", "failed");
    await nodeIs(world, "second", "load", "succeeded");
    const { page } = plain;
    await page.goto(`${world.url}/runs/second`);
    await page.getByRole("link", { name: "Compare" }).click();
    await page.waitForURL("**/compare?a=first&b=second");
    await page.getByText("A succeeded, B is running.").waitFor();
    world.services.script({ publish: undefined });
    await page.getByText("A succeeded, B failed.").waitFor();
    await page
      .getByText(/check and publish ended otherwise\. .*day is given otherwise\. The definition is another\./)
      .waitFor();
    const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
    assert.match((await row("check").textContent()) ?? "", /check.*succeeded.*failed.*NODE_REPORTED_FAILURE/);
    assert.match((await row("publish").textContent()) ?? "", /publish-.*succeeded.*only in B/);
    assert.match((await row("day").textContent()) ?? "", /daymondaytuesday/);
    await page.getByText("One other is the same.").waitFor();
    await page.getByLabel("Definition of A and of B").getByText('"id": "publish"').waitFor();
    await page.getByLabel("only those").check();
    await page.waitForFunction("!document.querySelector('.compare-nodes tbody tr:not(.compare-differs)')");
    await row("check").waitFor();
    assert.deepEqual(await findBarriers(page), []);
  });

  it("shows how a run ended that did so before the feed was there", async () => {
    world.services.script({ publish: "hold" });
    await startRun(world, "meters", "third", { day: "tuesday", site: "north" });
    await nodeIs(world, "third", "publish", "running");
    const { page } = await newPage();
    const { promise: over, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/api/v1/feed?*", async (route) => {
      await over;
      await route.continue();
    });
    await page.goto(`${world.url}/compare?a=first&b=third`);
    await page.getByText("A succeeded, B is running.").waitFor();
    world.services.script({ publish: undefined });
    await runEnded(world, "third");
    release();
    await page.getByText("A succeeded, B failed.").waitFor();
  });

  it("changes sides and runs by keyboard, and leads to a node", async () => {
    const { page } = plain;
    await page.getByRole("button", { name: "Swap A and B" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/compare?a=second&b=first");
    await page.getByText("A failed, B succeeded.").waitFor();
    await page.getByLabel("Another run as A").selectOption("first");
    await page.getByText("This is one run on both sides: choose another one.").waitFor();
    await page.goBack();
    await page.goto(`${world.url}/compare?a=first&b=second`);
    await page
      .getByRole("row", { name: /^check/ })
      .getByRole("link", { name: /failed/ })
      .click();
    await page.waitForURL("**/runs/second?node=check");
  });

  it("is readable in the dark and on a phone", async () => {
    for (const options of [{ theme: "dark" }, { width: 390, height: 844 }] as const) {
      const { page } = await newPage(options);
      await page.goto(`${world.url}/compare?a=first&b=second`);
      await page.getByText("A succeeded, B failed.").waitFor();
      assert.deepEqual(await findBarriers(page), []);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert.ok(width <= (page.viewportSize()?.width ?? 0), `${width} px wide`);
    }
  });

  it("breaks no policy and leaves no error", () => {
    assert.deepEqual(
      opened.flatMap(({ problems }) => problems),
      [],
    );
  });
});
