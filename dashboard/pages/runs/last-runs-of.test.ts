import assert from "node:assert/strict";
import { it } from "node:test";
import { type LastRunsOf, lastRunsOf } from "./last-runs-of.ts";
import { listingOf } from "./testing.ts";

const ended = (run_id: string, last_seq = 9) =>
  listingOf({ run_id, last_seq, created_at: `2026-11-${run_id}T00:00:00Z`, ended_at: "2026-12-01T00:00:00Z" });
const idsOf = (runs: LastRunsOf) => runs.get("w")?.map(({ run_id }) => run_id);

it("the last runs are those that have ended, of what was asked for and what is listed since, and stay as they were", () => {
  const asked = new Map([["w", [ended("12"), ended("11")]]]);
  const before = lastRunsOf(
    asked,
    [listingOf({ run_id: "14", status: "running" }), ended("13"), ended("12")],
    new Map(),
  );
  assert.deepEqual(idsOf(before), ["13", "12", "11"]);
  assert.equal(lastRunsOf(asked, [ended("13")], before).get("w"), before.get("w"));
  assert.notEqual(lastRunsOf(asked, [ended("13", 12)], before).get("w"), before.get("w"), "resumed, and ended again");
  assert.equal(
    lastRunsOf(new Map([["w", Array.from({ length: 30 }, (_, at) => ended(String(at + 1)))]]), [], before).get("w")
      ?.length,
    20,
  );
});
