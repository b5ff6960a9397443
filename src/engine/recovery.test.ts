// A run that a process takes up by itself goes on as it would have gone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { RunEvent } from "./events.ts";
import { explain } from "./explain.ts";
import { checkRecovery, MAX_RECOVERIES } from "./recovery.ts";
import type { AskedRequest } from "./requests.ts";
import { checkHistory } from "./rules.ts";

const CONTAINERS = { abilities: { grpc: { recover: true, sweep: false, release: false } } };

function recover(run: EngineRun, ...requests: readonly AskedRequest[]): readonly string[] {
  const before = run.events.length;
  checkRecovery(run.state);
  run.begin({ kind: "resumed", by: "server", recovery: true, requests, lastRequestId: requests.at(-1)?.id ?? 0 });
  return typesOf(run.events.slice(before));
}

const typesOf = (events: readonly RunEvent[]): string[] =>
  events.map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));

function checkRules(run: EngineRun): void {
  const violations = checkHistory(run.events, () => run.state.workflow);
  assert.deepEqual(violations, []);
}

describe("a recovery", () => {
  it("makes again what was lost, and nothing that has failed", () => {
    const run = createEngineRun(workflowOf("a > b; c", { onFailure: "continue" }));
    run.end("a", FAILED);
    const { firstFailure } = run.state;
    assert.deepEqual(recover(run), ["run.resumed", "node.attempt_failed c", "node.started c"]);
    const resumed = run.events.find((event) => event.type === "run.resumed");
    assert.deepEqual([resumed?.from, resumed?.reset, resumed?.recovery], ["interrupted", [], true]);
    assert.deepEqual(statuses(run.state), { a: "failed", b: "skipped", c: "running" });
    assert.deepEqual(run.state.firstFailure, firstFailure);
    run.end("c", "ok");
    const end = run.events.at(-1);
    assert.ok(end?.type === "run.failed");
    assert.match(end.error?.message ?? "", /^a failed: NODE_REPORTED_FAILURE/);
    checkRules(run);
  });

  it("starts nothing of a run that a failure has stopped", () => {
    const run = createEngineRun(workflowOf("a > b; c > d"));
    run.end("a", FAILED);
    assert.deepEqual(recover(run), ["run.resumed", "node.attempt_failed c", "node.failed c", "run.failed"]);
    checkRules(run);
  });

  it("leaves a paused run paused", () => {
    const run = createEngineRun(workflowOf("a"));
    run.pause();
    assert.deepEqual(recover(run), ["run.resumed", "node.attempt_failed a"]);
    run.take({ type: "asked", request: { id: 2, kind: "unpause", by: "test" } });
    assert.deepEqual(typesOf(run.events.slice(-2)), ["run.unpaused", "node.started a"]);
    checkRules(run);
  });

  it("drives a cancel to its end, whoever recorded it", () => {
    const run = createEngineRun(workflowOf("a > b"));
    run.cancel();
    const { cancel } = run.state;
    assert.deepEqual(recover(run), ["run.resumed", "node.attempt_failed a", "node.cancelled a", "run.cancelled"]);
    assert.deepEqual(run.state.cancel, cancel);
    checkRules(run);
  });

  it("cancels what is found again of a cancelled run", () => {
    const run = createEngineRun(workflowOf("a"), CONTAINERS);
    run.cancel();
    recover(run);
    assert.deepEqual(
      run.commands.slice(-2).map(({ type }) => type),
      ["recover", "abort"],
    );
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
  });

  it("answers what was asked while nobody drove the run", () => {
    const run = createEngineRun(workflowOf("a > b"));
    const events = recover(run, { id: 4, kind: "pause", by: "ada" }, { id: 5, kind: "unpause", by: "ada" });
    assert.deepEqual(events.slice(0, 3), ["run.resumed", "run.paused", "run.unpaused"]);
    assert.deepEqual(
      run.answers.map(({ requestId, answer }) => [requestId, answer.kind]),
      [
        [4, "applied"],
        [5, "applied"],
      ],
    );
    assert.deepEqual(recover(run, { id: 6, kind: "cancel", by: "ada" }).at(-1), "run.cancelled");
    checkRules(run);
  });

  it("ends a run whose own time was over, and gives it no other", () => {
    const workflow = workflowOf("a > b; c", { totalTimeoutMs: 1000, onFailure: "continue" });
    const run = createEngineRun(workflow);
    run.stop();
    const commands = run.commands.length;
    assert.deepEqual(recover(run).slice(0, 3), ["run.resumed", "node.attempt_failed a", "node.failed a"]);
    assert.ok(!run.commands.slice(commands).some(({ type }) => type === "arm" || type === "execute"));
    assert.deepEqual([run.state.status, run.state.error?.code], ["failed", "RUN_TIMED_OUT"]);
    checkRules(run);
    const found = createEngineRun(workflow, CONTAINERS);
    found.stop();
    recover(found);
    assert.deepEqual(
      found.commands.filter(({ type }) => type === "abort").map((one) => "cause" in one && one.cause),
      ["run_timeout", "run_timeout", "run_timeout", "run_timeout"],
    );
  });

  it("begins the time of a run anew that was not over", () => {
    const run = createEngineRun(workflowOf("a", { totalTimeoutMs: 1000 }));
    const commands = run.commands.length;
    recover(run);
    assert.deepEqual(run.commands[commands], { type: "arm", timer: { of: "run" }, ms: 1000 });
  });

  it("checks what the run needs again, and may fail it over that", () => {
    const run = createEngineRun(workflowOf("a > b"), { preflight: true });
    run.take({ type: "checked", findings: [] });
    recover(run);
    run.take({ type: "checked", findings: [{ severity: "error", code: "SERVICE_UNREACHABLE", message: "gone" }] });
    assert.equal(run.state.error?.code, "SERVICE_UNREACHABLE");
    checkRules(run);
  });
});

describe("a run that was taken over again and again", () => {
  const inVain = {
    code: "RECOVERED_IN_VAIN",
    message: "run run-1 was taken over 3 times, and its process ended each time before any attempt of it did",
    details: { run_id: "run-1", recoveries: 3 },
  };

  it("is left after three times without an outcome, and says so", () => {
    const run = createEngineRun(workflowOf("a > b"));
    for (let times = 0; times < MAX_RECOVERIES; times += 1) recover(run);
    assert.throws(() => recover(run), inVain);
    const reason = explain(run.state, { atMs: 0, owner: "gone" }).reason;
    assert.deepEqual(reason, { kind: "interrupted", recoveries: 3 });
    checkRules(run);
  });

  it("goes on for whoever asks for it, and counts from then on anew", () => {
    const run = createEngineRun(workflowOf("a > b"));
    for (let times = 0; times < MAX_RECOVERIES; times += 1) recover(run);
    run.resume();
    assert.deepEqual(explain(run.state, { atMs: 0, owner: "gone" }).reason, { kind: "interrupted" });
    for (let times = 0; times < MAX_RECOVERIES; times += 1) recover(run);
    assert.throws(() => recover(run), inVain);
    checkRules(run);
  });

  it("counts anew with each outcome, of an attempt that may be made again too", () => {
    const run = createEngineRun(workflowOf("a > b; c"));
    for (const end of [() => run.end("a", UNAVAILABLE), () => run.end("c", "ok")]) {
      for (let times = 0; times < MAX_RECOVERIES; times += 1) recover(run);
      end();
    }
    recover(run);
    checkRules(run);
  });

  it("counts no time in which nothing of it was at work", () => {
    const paused = createEngineRun(workflowOf("a"));
    paused.pause();
    const waiting = createEngineRun(workflowOf("a"), { preflight: true });
    const retrying = createEngineRun(workflowOf("a"));
    retrying.end("a", UNAVAILABLE);
    for (const run of [paused, waiting, retrying]) {
      for (let times = 0; times < 3 * MAX_RECOVERIES; times += 1) recover(run);
      checkRules(run);
    }
  });

  it("counts one that had nothing at work with the first attempt that it starts, and once", () => {
    const run = createEngineRun(workflowOf("a; b"), { preflight: true });
    recover(run);
    assert.deepEqual(run.state.recoveries, { inVain: 0, isIdle: true });
    run.take({ type: "checked", findings: [] });
    assert.deepEqual(statuses(run.state), { a: "running", b: "running" });
    assert.deepEqual(run.state.recoveries, { inVain: 1, isIdle: false });
    for (let times = 0; times < 2; times += 1) {
      recover(run);
      run.take({ type: "checked", findings: [] });
    }
    assert.throws(() => recover(run), inVain);
    checkRules(run);
  });

  it("takes no failure that follows from a lost attempt for an outcome", () => {
    const workflow = workflowOf("a > c; b", { onFailure: "continue", nodes: { a: { onLost: "fail" } } });
    const run = createEngineRun(workflow);
    assert.ok(recover(run).includes("node.failed a"));
    assert.deepEqual(run.state.recoveries, { inVain: 1, isIdle: false });
  });

  it("counts what is found again as at work, though not all of its nodes are", () => {
    const run = createEngineRun(workflowOf("a > b"), CONTAINERS);
    for (let times = 0; times < MAX_RECOVERIES; times += 1) recover(run);
    assert.throws(() => recover(run), inVain);
    checkRules(run);
  });

  it("is not taken up at all once it has ended", () => {
    const run = createEngineRun(workflowOf("a"));
    run.end("a", FAILED);
    assert.throws(() => checkRecovery(run.state), {
      code: "RUN_ALREADY_ENDED",
      message: "run run-1 has ended: failed",
    });
  });
});
