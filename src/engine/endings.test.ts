// How attempts, nodes and runs end: what is recorded, in which words, and what is not tried again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { EventBody, RunEvent } from "./events.ts";
import type { AttemptFailure } from "./outcome.ts";
import { endIfSettled, settleAttempt } from "./settle.ts";
import { createRunState, type NodeState, type RunState } from "./state.ts";
import { apply } from "./transitions.ts";
import type { Turn } from "./turn.ts";

const ERROR = { code: "CALL_UNAVAILABLE", message: "gone" } as const;
const AGAIN_IN_500: AttemptFailure = { ...(UNAVAILABLE as AttemptFailure), pushback: 500 };

function nodeOf({ state }: EngineRun, id: string): NodeState {
  const node = state.nodes.get(id);
  assert.ok(node !== undefined);
  return node;
}

/** A turn without a machine: for what no input can bring about. */
const turnOf = (state: RunState): Turn & { readonly events: RunEvent[] } => ({
  state,
  facts: { atMs: Date.UTC(2025, 0, 1), monotonicMs: 0, seed: 1 },
  epoch: 1,
  events: [],
  answers: [],
  commands: [],
});

/** What is recorded when the first attempt of `a` ends so, a millisecond after it began. */
function endingOf(outcome: AttemptFailure, totalTimeoutMs?: number): readonly RunEvent[] {
  const nodes = totalTimeoutMs === undefined ? {} : { a: { totalTimeoutMs } };
  const run = createEngineRun(workflowOf("a; b", { onFailure: "continue", nodes }));
  const before = run.events.length;
  run.advance(1);
  run.end("a", outcome);
  return run.events.slice(before);
}

const typesOf = (events: readonly EventBody[]): string[] => events.map(({ type }) => type);
const FINAL = ["node.attempt_failed", "node.failed"];

describe("a failed attempt", () => {
  it("waits only where the wait ends before the total timeout does", () => {
    assert.deepEqual(typesOf(endingOf(AGAIN_IN_500)), ["node.attempt_failed"]);
    assert.deepEqual(typesOf(endingOf(AGAIN_IN_500, 502)), ["node.attempt_failed"]);
    assert.deepEqual(typesOf(endingOf(AGAIN_IN_500, 501)), FINAL);
    assert.deepEqual(typesOf(endingOf(AGAIN_IN_500, 1)), FINAL);
    assert.deepEqual(typesOf(endingOf(FAILED as AttemptFailure, 10_000)), FINAL);
  });

  it("says when it is tried again, and says nothing of that otherwise", () => {
    const [again] = endingOf(AGAIN_IN_500);
    const envelope = { seq: 5, at: "2025-01-01T00:00:00.001Z", run_id: "run-1", epoch: 1 };
    const failure = { type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", duration_ms: 1 };
    assert.deepEqual(again, {
      ...envelope,
      ...failure,
      error: { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" },
      retry_at: "2025-01-01T00:00:00.501Z",
      retry_delay_ms: 500,
    });
    const error = { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" };
    assert.deepEqual(endingOf(FAILED as AttemptFailure), [
      { ...envelope, ...failure, error },
      { ...envelope, seq: 6, type: "node.failed", node_id: "a", error },
    ]);
  });

  it("is not tried again where it was cancelled or lost, whatever its status says", () => {
    const error = { ...ERROR, status: "UNAVAILABLE" };
    const cancelled = createEngineRun(workflowOf("a"));
    cancelled.cancel();
    cancelled.end("a", { outcome: "cancelled", error });
    assert.deepEqual(statuses(cancelled.state), { a: "cancelled" });
    for (const outcome of ["cancelled", "lost"] as const) {
      const turn = turnOf(createEngineRun(workflowOf("a")).state);
      const node = turn.state.nodes.get("a");
      assert.ok(node !== undefined);
      settleAttempt(turn, node, { outcome, error }, 1);
      assert.ok(turn.events[0]?.type === "node.attempt_failed" && turn.events[0].retry_at === undefined, outcome);
    }
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.end("a", { outcome: "lost", error });
    const lost = run.events.at(-2);
    assert.ok(lost?.type === "node.attempt_failed" && lost.outcome === "lost" && lost.retry_at === undefined);
    assert.deepEqual(run.start(), ["a"]);
  });

  it("is recorded once: an outcome without an attempt is none", () => {
    const run = createEngineRun(workflowOf("a; b"));
    run.end("a", "ok");
    for (const id of ["a", "b"]) {
      const turn = turnOf(id === "a" ? run.state : createEngineRun(workflowOf("x > b")).state);
      const node = turn.state.nodes.get(id);
      assert.ok(node !== undefined);
      settleAttempt(turn, node, FAILED, 1);
      assert.deepEqual(turn.events, []);
    }
  });
});

describe("a run that stops", () => {
  it("skips what depends on a node that waited, naming that node", () => {
    const run = createEngineRun(workflowOf("a > x > y; b; c; d", { maxParallel: 2 }));
    run.start();
    run.end("a", UNAVAILABLE);
    run.end("b", "failed");
    const reasons = ["x", "y", "d"].map((id) => [nodeOf(run, id).skipReason, nodeOf(run, id).because]);
    assert.deepEqual(reasons, [
      ["upstream", "a"],
      ["upstream", "a"],
      ["run_stopped", undefined],
    ]);
  });

  it("goes on with what does not depend on the failure under on_failure: continue", () => {
    const run = createEngineRun(workflowOf("a; b; c", { onFailure: "continue", maxParallel: 2 }));
    run.start();
    run.end("b", UNAVAILABLE);
    run.end("a", "failed");
    assert.deepEqual(statuses(run.state), { a: "failed", b: "waiting", c: "running" });
  });

  it("does not offer a node whose wait was over, but which failed otherwise", () => {
    const run = createEngineRun(workflowOf("a; b", { onFailure: "continue", maxParallel: 1 }));
    run.end("a", UNAVAILABLE);
    run.wake("a");
    assert.deepEqual(statuses(run.state), { a: "waiting", b: "running" });
    run.stop();
    assert.deepEqual(statuses(run.state), { a: "failed", b: "running" });
    run.start();
    run.end("b", "ok");
    assert.deepEqual(run.start(), []);
    assert.equal(run.state.status, "failed");
  });
});

describe("a run that is cancelled", () => {
  it("says who asked and why, on one line", () => {
    const asked = (reason: string | undefined): object | undefined => {
      const run = createEngineRun(workflowOf("a"));
      const request = { id: 1, kind: "cancel", by: "ada", ...(reason === undefined ? {} : { reason }) };
      run.take({ type: "asked", request });
      const { seq: _, at: __, run_id: ___, epoch: ____, ...body } = run.events.at(-1) as RunEvent;
      return body;
    };
    assert.deepEqual(asked(undefined), { type: "run.cancel_requested", by: "ada" });
    assert.deepEqual(asked("too slow"), { type: "run.cancel_requested", by: "ada", reason: "too slow" });
    const cleaned = asked("one\u0007two");
    assert.ok(cleaned !== undefined && "reason" in cleaned && typeof cleaned.reason === "string");
    assert.ok(!cleaned.reason.includes("\u0007") && cleaned.reason.startsWith("one"));
  });

  it("ends with what it was asked, also where a call is lost", () => {
    const run = createEngineRun(workflowOf("a; b"));
    run.start();
    run.cancel();
    run.end("a", "lost");
    run.end("b", { outcome: "cancelled", error: ERROR });
    assert.deepEqual(statuses(run.state), { a: "cancelled", b: "cancelled" });
    assert.deepEqual(run.state.error, { code: "RUN_CANCELLED", message: "the run was cancelled" });
  });

  it("fails a node whose call fails of itself before the cancel arrives", () => {
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.cancel();
    run.end("a", FAILED);
    assert.deepEqual(statuses(run.state), { a: "failed" });
    assert.equal(run.state.status, "cancelled");
  });
});

describe("a run that fails", () => {
  const failing = (...ids: readonly string[]): EngineRun => {
    const run = createEngineRun(workflowOf("a; b; c", { onFailure: "continue" }));
    run.start();
    for (const id of ["a", "b", "c"]) run.end(id, ids.includes(id) ? "failed" : "ok");
    return run;
  };
  const says = (message: string): object => ({ code: "RUN_NODE_FAILED", message });

  it("names the first failure and counts the others", () => {
    const first = "b failed: NODE_REPORTED_FAILURE: no";
    assert.deepEqual(failing("b").state.error, says(first));
    assert.deepEqual(failing("b", "c").state.error, says(`${first} (and 1 more node failed)`));
    const all = "a failed: NODE_REPORTED_FAILURE: no (and 2 more nodes failed)";
    assert.deepEqual(failing("a", "b", "c").state.error, says(all));
  });

  it("says so where no node failed", () => {
    const state = createRunState("run-1", workflowOf("a"));
    const turn = turnOf(state);
    apply(state, {
      seq: 1,
      at: "",
      run_id: "run-1",
      epoch: 1,
      type: "node.skipped",
      node_id: "a",
      reason: "condition",
    });
    endIfSettled(turn, 7);
    const [end] = turn.events;
    assert.ok(end?.type === "run.failed");
    assert.deepEqual([end.error, end.duration_ms], [says("not every node succeeded"), 7]);
  });
});
