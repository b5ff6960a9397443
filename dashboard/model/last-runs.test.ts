import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { barsOf, describeLastRuns, usualDurationMs } from "./last-runs.ts";

const run = (id: string, status: "succeeded" | "failed" | "cancelled", ms?: number) => ({
  run_id: id,
  status,
  created_at: "2026-11-26T10:00:00.000Z",
  ended_at: "2026-11-26T10:01:00.000Z",
  ...(ms === undefined ? {} : { duration_ms: ms }),
});
const RECENT = [
  run("r4", "succeeded", 134),
  run("r3", "failed", 1000),
  run("r2", "cancelled"),
  run("r1", "succeeded", 500),
];

describe("the last runs of a workflow", () => {
  it("are bars, the oldest first, beside the longest", () => {
    const bars = barsOf(RECENT);
    assert.deepEqual(
      bars.map(({ runId, height }) => [runId, height]),
      [
        ["r1", 0.5],
        ["r2", 0.12],
        ["r3", 1],
        ["r4", 0.134],
      ],
    );
    assert.equal(bars[2]?.says, "failed after 1.0 s, 2026-11-26 10:01");
    assert.equal(bars[1]?.says, "cancelled, 2026-11-26 10:01");
  });

  it("are a sentence", () => {
    assert.equal(describeLastRuns(RECENT), "2 succeeded, 1 failed, 1 cancelled; the newest succeeded after 134 ms");
    assert.equal(describeLastRuns([]), "no run has ended yet");
  });

  it("say how long it usually takes, by those that succeeded", () => {
    assert.equal(usualDurationMs(RECENT), 500);
    assert.equal(usualDurationMs([run("r1", "failed", 9)]), undefined);
  });
});
