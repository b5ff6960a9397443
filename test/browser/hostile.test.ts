// What services, files and people write is data: it is shown as it is, and never run.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";
import { runEnded, startRun, worldLogs } from "./world.ts";

const HOSTILE = `<img src=x onerror="globalThis.wasRun=1"><script>globalThis.wasRun=1</script>\u202e`;
/** A name that a workflow may have. */
const NAME = `"><img src=x onerror=globalThis.wasRun=1>`;

describe("texts that would be markup", { timeout: 90_000 }, () => {
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
});
