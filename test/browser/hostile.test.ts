// What services, files and people write is data: it is shown as it is, and never run.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";
import { runEnded, startRun, worldLogs } from "./world.ts";

const HOSTILE = `<img src=x onerror="globalThis.wasRun=1"><script>globalThis.wasRun=1</script>\u202e`;
/** A name that a workflow may have. */
const NAME = `"><img src=x onerror=globalThis.wasRun=1>`;

/** As long as a workflow's may be, in one word, and ids that the letters of addresses, and every object, have too. */
const LONG_NAME = "W".repeat(200);
const ODD_NAMES = ["100%25/..;?a=b#c", "toString", "קצת עברית \u202e\u200b👩‍👩‍👧‍👦", LONG_NAME];

describe("texts of any kind", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard({ runs: false });

  it("are text wherever they are shown", async () => {
    const bad = await world.cli.serve("bad", () => {
      throw new Error(HOSTILE);
    });
    await world.api.call("post", "/api/v1/workflows", {
      body: {
        format: "json",
        text: JSON.stringify({
          workflow_name: NAME,
          description: HOSTILE,
          params: { word: { default: HOSTILE, description: HOSTILE } },
          service_registry: { bad: bad.address },
          containers: { bad: { input_file: "${params.word}", output_file: HOSTILE } },
        }),
      },
    });
    await startRun(world, NAME, "hostile");
    await runEnded(world, "hostile");
    const log = worldLogs(world.stateDir).open("hostile", { nodeId: "bad", attempt: 1 });
    log.write("stdout", `${HOSTILE}\n\u001b]8;;javascript:globalThis.wasRun=1\u0007link\u001b]8;;\u0007\n`);
    log.end();

    const { page, problems } = await browser.newPage();
    page.setDefaultTimeout(10_000);
    for (const path of [
      "/runs",
      "/runs/hostile",
      "/workflows",
      `/workflows/${encodeURIComponent(NAME)}`,
      "/services",
      "/compare?a=hostile&b=hostile",
    ]) {
      await page.goto(`${world.url}${path}`);
      await page
        .getByRole("main")
        .getByText(/<img src=x/)
        .first()
        .waitFor();
    }
    await page.goto(`${world.url}/runs/hostile?node=bad`);
    for (const name of ["logs", "data"]) {
      await page.getByRole("tab", { name, exact: true }).click();
      await page
        .getByRole("tabpanel")
        .getByText(/<img src=x/)
        .first()
        .waitFor();
    }
    assert.equal(await page.evaluate("'wasRun' in globalThis"), false);
    assert.equal(await page.locator("img").count(), 0);
    assert.deepEqual(
      problems.filter((problem) => !/status of 40[34]/.test(problem)),
      [],
    );
  });

  it("are names that lead to their pages, and fit a phone however long they are", async () => {
    const bad = await world.cli.serve("long", () => {
      throw new Error("M".repeat(10_000));
    });
    for (const [index, name] of ODD_NAMES.entries()) {
      await world.api.call("post", "/api/v1/workflows", {
        body: {
          format: "json",
          text: JSON.stringify({
            workflow_name: name,
            params: { toString: { default: "W".repeat(500) }, valueOf: { type: "integer", default: 5 } },
            service_registry: { long: bad.address },
            containers: { ["N".repeat(100)]: { service: "long", input_file: LONG_NAME, output_file: LONG_NAME } },
          }),
        },
      });
      await startRun(world, name, `odd-${index}`);
      await runEnded(world, `odd-${index}`);
    }
    const { page, problems } = await browser.newPage({ width: 320, height: 800 });
    page.setDefaultTimeout(10_000);
    const look = async (path: string, text: string) => {
      await page.goto(`${world.url}${path}`);
      await page.getByRole("main").getByText(text).first().waitFor();
      const beyond = await page.evaluate<number>("document.querySelector('main').scrollWidth - innerWidth");
      assert.ok(beyond <= 0, `${beyond} pixels beyond ${path}`);
    };
    for (const [index, name] of ODD_NAMES.entries()) {
      await look(`/workflows/${encodeURIComponent(name)}`, "Start run");
      await look(`/runs/odd-${index}`, "Resume");
      await look(`/runs?workflow=${encodeURIComponent(name)}`, `odd-${index}`);
      await look(`/compare?a=odd-${index}&b=hostile`, "Swap A and B");
    }
    await look("/workflows", LONG_NAME);
    await look("/services", "long");
    await page.goto(`${world.url}/runs`);
    await page
      .getByRole("link", { name: ODD_NAMES[0] ?? "" })
      .first()
      .click();
    await page.getByRole("heading", { level: 1, name: ODD_NAMES[0] ?? "" }).waitFor();
    assert.deepEqual(problems, []);
  });
});
