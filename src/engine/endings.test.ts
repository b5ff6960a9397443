// How attempts, nodes and runs end: what is recorded, in which words, and what is not tried again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { EventBody } from "./events.ts";
import type { Outcome } from "./outcome.ts";
import { takeReady } from "./plan.ts";
import { cancelRun, failNode, settleAttempt } from "./settle.ts";
import type { NodeState } from "./state.ts";
import { apply } from "./transitions.ts";

const ERROR = { code: "CALL_UNAVAILABLE", message: "gone" } as const;
const CIRCUMSTANCES = { durationMs: 1, now: Date.UTC(2025, 0, 1), random: 0.5 };

function nodeOf(run: EngineRun, id: string): NodeState {
  const node = run.state.nodes.get(id);
  assert.ok(node !== undefined);
  return node;
}

/** What is recorded when the first attempt of `a` ends so. */
function endingOf(outcome: Outcome, remainingMs?: number): readonly EventBody[] {
  const run = createEngineRun(workflowOf("a", { onFailure: "continue" }));
  run.start();
  const events: EventBody[] = [];
  const circumstances = { ...CIRCUMSTANCES, ...(remainingMs === undefined ? {} : { remainingMs }) };
  settleAttempt(run.state, nodeOf(run, "a"), outcome, circumstances, (event) => events.push(event));
  return events;
}

const typesOf = (events: readonly EventBody[]): string[] => events.map(({ type }) => type);
const FINAL = ["node.attempt_failed", "node.failed"];

describe("a failed attempt", () => {
  it("waits only where the wait ends before the total timeout does", () => {
    assert.deepEqual(typesOf(endingOf(UNAVAILABLE)), ["node.attempt_failed"]);
    assert.deepEqual(typesOf(endingOf(UNAVAILABLE, 501)), ["node.attempt_failed"]);
    assert.deepEqual(typesOf(endingOf(UNAVAILABLE, 500)), FINAL);
    assert.deepEqual(typesOf(endingOf(UNAVAILABLE, 0)), FINAL);
    assert.deepEqual(typesOf(endingOf(FAILED, 10_000)), FINAL);
  });

  it("says when it is tried again, and says nothing of that otherwise", () => {
    const [again] = endingOf(UNAVAILABLE);
    const failure = { type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", duration_ms: 1 };
    assert.deepEqual(again, {
      ...failure,
      error: { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" },
      retry_at: "2025-01-01T00:00:00.500Z",
      retry_delay_ms: 500,
    });
    const error = { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" };
    assert.deepEqual(endingOf(FAILED), [
      { ...failure, error },
      { type: "node.failed", node_id: "a", error },
    ]);
  });

  it("is not tried again where it was cancelled or lost, whatever its status says", () => {
    const error = { ...ERROR, status: "UNAVAILABLE" };
    assert.deepEqual(typesOf(endingOf({ outcome: "cancelled", error })), FINAL);
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.end("a", { outcome: "lost", error });
    const lost = run.events.at(-1);
    assert.ok(lost?.type === "node.attempt_failed" && lost.retry_at === undefined);
    assert.deepEqual(statuses(run.state), { a: "pending" });
    assert.deepEqual(run.start(), ["a"]);
  });

  it("is recorded once: an outcome without an attempt is none", () => {
    const run = createEngineRun(workflowOf("a; b"));
    run.start();
    run.end("a", "ok");
    const before = run.events.length;
    settleAttempt(run.state, nodeOf(run, "a"), FAILED, CIRCUMSTANCES, () => assert.fail("nothing to record"));
    assert.equal(run.events.length, before);
    const fresh = createEngineRun(workflowOf("a"));
    settleAttempt(fresh.state, nodeOf(fresh, "a"), FAILED, CIRCUMSTANCES, () => assert.fail("nothing to record"));
  });
});

describe("a run that stops", () => {
  it("skips what depends on a node that waited, naming that node", () => {
    const run = createEngineRun(workflowOf("a > x > y; b; c", { maxParallel: 2 }));
    run.start();
    run.end("a", UNAVAILABLE);
    run.end("b", "failed");
    const reasons = ["x", "y", "c"].map((id) => [nodeOf(run, id).skipReason, nodeOf(run, id).because]);
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
    assert.deepEqual(statuses(run.state), { a: "failed", b: "waiting", c: "pending" });
  });

  it("does not offer a node whose wait was over, but which failed otherwise", () => {
    const run = createEngineRun(workflowOf("a", { onFailure: "continue" }));
    run.start();
    run.end("a", UNAVAILABLE);
    run.wake("a");
    const { state } = run;
    failNode(state, nodeOf(run, "a"), ERROR, (event) => {
      apply(state, { seq: state.lastSeq + 1, at: "", run_id: "run-1", epoch: 1, ...event });
    });
    assert.deepEqual(statuses(state), { a: "failed" });
    assert.equal(takeReady(state), undefined);
  });
});

describe("a run that is cancelled", () => {
  it("says who asked and why, on one line", () => {
    const run = createEngineRun(workflowOf("a"));
    const asked = (reason: string | undefined): EventBody | undefined => {
      const events: EventBody[] = [];
      cancelRun(run.state, "ada", reason, (event) => events.push(event));
      return events[0];
    };
    assert.deepEqual(asked(undefined), { type: "run.cancel_requested", by: "ada" });
    assert.deepEqual(asked("too slow"), { type: "run.cancel_requested", by: "ada", reason: "too slow" });
    const cleaned = asked("one\u0007two");
    assert.ok(cleaned?.type === "run.cancel_requested" && cleaned.reason !== undefined);
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
    const run = createEngineRun(workflowOf("a > b"));
    run.start();
    run.stop();
    run.end("a", "ok");
    assert.deepEqual(run.state.error, says("not every node succeeded"));
  });
});
