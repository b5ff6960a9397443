// The time of a run slid back: what had not happened then is nowhere to be seen.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useDashboard } from "./use-dashboard.ts";
import { RUNS } from "./world.ts";

describe("a run as it was", { timeout: 240_000 }, () => {
  const { world, browser } = useDashboard();

  it("shows nothing of what came later, at any event, and acts on nothing", async () => {
    const { page, problems } = await browser.newPage();
    await page.goto(`${world.url}/runs/${RUNS.failed}`);
    const main = page.getByRole("main");
    await main.getByText("energy-analyzer failed after 4 attempts").waitFor();
    const { events } = await world.api.call("get", "/api/v1/runs/{run_id}/events", {
      path: { run_id: RUNS.failed },
      query: {},
    });
    const slider = main.getByRole("slider");
    await slider.focus();
    for (const { seq, type } of events.toReversed().slice(1)) {
      await page.keyboard.press("ArrowLeft");
      const value = await slider.getAttribute("aria-valuetext");
      assert.match(value ?? "", new RegExp(`\\b${seq}\\b|${type.replace(".", "\\.")}`), `${seq} ${type}: ${value}`);
      const shown = ((await main.textContent()) ?? "").toLowerCase();
      const begun = events.filter((event) => event.seq <= seq);
      const has = (kind: string, nodeId: string): boolean =>
        begun.some((event) => event.type === kind && "node_id" in event && event.node_id === nodeId);
      if (!has("node.attempt_failed", "energy-analyzer")) {
        assert.doesNotMatch(shown, /call_unavailable|could not be reached|nothing listens/, `at ${seq} ${type}`);
      }
      if (!has("node.skipped", "report-generator")) assert.doesNotMatch(shown, /skipped/, `at ${seq} ${type}`);
      assert.doesNotMatch(shown, /failed after 4 attempts/, `at ${seq} ${type}`);
      for (const name of ["Resume", "Cancel", "Pause"]) {
        for (const button of await main.getByRole("button", { name, exact: true }).all()) {
          assert.equal(await button.isDisabled(), true, `${name} at ${seq} ${type}`);
        }
      }
    }
    await main.getByRole("button", { name: "Back to now" }).click();
    await main.getByText("energy-analyzer failed after 4 attempts").waitFor();
    assert.deepEqual(problems, []);
  });
});
