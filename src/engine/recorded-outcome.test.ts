// What is kept of what an executor says.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, statuses } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { Outcome } from "./outcome.ts";

/** What `a` and its attempt say after it ended so. */
function recorded(outcome: Outcome) {
  const run = createEngineRun(workflowOf("a"));
  run.end("a", outcome);
  const node = run.state.nodes.get("a");
  return { output: node?.output, error: node?.error, outcome: node?.attempts[0]?.outcome };
}

const failing = (message: string, details?: { readonly [key: string]: string }): Outcome => ({
  outcome: "failed",
  error: { code: "CALL_INTERNAL", message, status: "INTERNAL", ...(details === undefined ? {} : { details }) },
});

describe("what an executor says", () => {
  it("is recorded up to 60,000 bytes of JSON, the quotes of a text included", () => {
    for (const [text, unit] of [
      ["x", 1],
      ["€", 3],
    ] as const) {
      const most = text.repeat((60_000 - 2 - ((60_000 - 2) % unit)) / unit);
      assert.deepEqual(recorded({ outcome: "succeeded", output: most }).output, most);
      const more = `${most}${text.repeat(Math.ceil(3 / unit))}`;
      const { error, outcome, output } = recorded({ outcome: "succeeded", output: more });
      assert.deepEqual([outcome, output, error?.code], ["failed", undefined, "EVENT_TOO_LARGE"]);
      const bytes = Buffer.byteLength(JSON.stringify(more));
      assert.equal(error?.message, `the output of a has ${bytes} bytes; at most 60000 are recorded`);
    }
  });

  it("loses the details of an error that is too large, and what is long of its message, but not its code", () => {
    const small = failing("no", { why: "x" });
    assert.deepEqual(recorded(small).error, "error" in small ? small.error : undefined);
    const cut = recorded(failing("no", { why: "x".repeat(60_000) })).error;
    assert.deepEqual(cut, { code: "CALL_INTERNAL", message: "no", status: "INTERNAL" });
    const long = recorded(failing("y".repeat(70_000))).error;
    const room = 60_000 - JSON.stringify({ ...cut, details: { why: "" } }).length;
    for (const [more, kept] of [
      [0, true],
      [1, false],
    ] as const) {
      assert.equal(recorded(failing("no", { why: "x".repeat(room + more) })).error?.details !== undefined, kept);
    }
    assert.match(long?.message ?? "", /^y{100}.*\[\+\d+ bytes\]$/);
    assert.ok((long?.message.length ?? 0) < 5000);
  });

  it("is a failure where it speaks of a cancellation that nobody here asked for", () => {
    const error = { code: "CALL_CANCELLED_BY_SERVICE", message: "x", status: "UNAVAILABLE" } as const;
    const run = createEngineRun(workflowOf("a"));
    run.end("a", { outcome: "cancelled", error });
    assert.equal(run.state.nodes.get("a")?.attempts[0]?.outcome, "failed");
    assert.deepEqual(statuses(run.state), { a: "waiting" }, "and it is tried again like any other");
  });

  it("is a cancellation where the run was cancelled, and a timeout where its time was over", () => {
    const error = { code: "NODE_CANCELLED", message: "x" } as const;
    const cancelled = createEngineRun(workflowOf("a"));
    cancelled.cancel();
    cancelled.end("a", { outcome: "cancelled", error });
    assert.deepEqual(cancelled.state.nodes.get("a")?.attempts[0]?.error, error);
    assert.equal(cancelled.state.nodes.get("a")?.attempts[0]?.outcome, "cancelled");
    const late = createEngineRun(workflowOf("a"));
    late.stop();
    late.end("a", { outcome: "timed_out", error: { ...error, message: "its own" } });
    assert.equal(late.state.nodes.get("a")?.error?.message, "its own");
    assert.equal(recorded({ outcome: "timed_out", error: { ...error, status: "X" } }).outcome, "timed_out");
    const failing = createEngineRun(workflowOf("a"));
    failing.stop();
    failing.end("a", { outcome: "failed", error });
    assert.equal(failing.state.nodes.get("a")?.attempts[0]?.outcome, "failed");
    assert.equal(late.state.nodes.get("a")?.attempts[0]?.outcome, "timed_out");
  });
});
