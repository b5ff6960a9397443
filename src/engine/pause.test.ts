// A paused run: what is outstanding ends and is recorded, nothing starts, time goes on, and a cancel is still heard.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { type WorkflowOfOptions, workflowOf } from "../testing/workflow-of.ts";
import { standingAnswers } from "./answer-request.ts";
import type { AskedRequest } from "./requests.ts";
import { checkHistory } from "./rules.ts";

const RETRY = { maxAttempts: 5, initialBackoffMs: 1000, backoffMultiplier: 1, maxBackoffMs: 1000 };
const runOf = (literal: string, options: WorkflowOfOptions = {}): EngineRun =>
  createEngineRun(workflowOf(literal, { retry: RETRY, ...options }));
const typesIn = ({ events }: EngineRun, from = 0): string[] =>
  events.slice(from).map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));
const asked = (kind: string, id = 1): AskedRequest => ({ id, kind, by: "ada" });
const checkRules = (run: EngineRun): void =>
  assert.deepEqual(
    checkHistory(run.events, () => run.state.workflow),
    [],
  );

describe("whoever asks", () => {
  it("is recorded by no more than a line, as is whoever resumes", () => {
    const by = `${"x".repeat(70_000)}\u001b[31m`;
    const run = createEngineRun(workflowOf("a > b"));
    for (const [id, kind] of ["pause", "unpause", "pause"].entries()) {
      run.take({ type: "asked", request: { ...asked(kind, id + 1), by } });
    }
    run.begin({ kind: "resumed", by, requests: [], lastRequestId: 3 });
    run.begin({ kind: "resumed", by, recovery: true, requests: [], lastRequestId: 3 });
    run.take({ type: "asked", request: { ...asked("cancel", 4), by } });
    const named = run.events.filter((event) => "by" in event);
    assert.deepEqual(
      named.map(({ type }) => type.replace("run.", "")),
      ["paused", "unpaused", "paused", "resumed", "unpaused", "resumed", "cancel_requested"],
    );
    for (const event of named) assert.ok("by" in event && Buffer.byteLength(event.by) <= 232, event.type);
  });
});

describe("a paused run", () => {
  it("lets outstanding attempts end, records them, and starts nothing until it is unpaused", () => {
    const run = runOf("a > b; c");
    run.start();
    run.pause();
    run.end("a", "ok");
    assert.deepEqual(run.start(), []);
    assert.deepEqual(statuses(run.state), { a: "succeeded", b: "pending", c: "running" });
    run.unpause();
    assert.deepEqual(run.start(), ["b"]);
    run.end("b", "ok");
    run.end("c", "ok");
    assert.equal(run.state.status, "succeeded");
    checkRules(run);
  });

  it("makes no retry; one that was due meanwhile leaves when it is unpaused, another at its time", () => {
    const run = runOf("a; b");
    run.end("a", UNAVAILABLE);
    run.pause();
    run.end("b", UNAVAILABLE);
    run.start();
    run.wake("a");
    assert.deepEqual(run.start(), []);
    run.unpause();
    assert.deepEqual(run.start(), ["a"]);
    run.wake("b");
    assert.deepEqual(run.start(), ["b"]);
    checkRules(run);
  });

  it("may be paused before it starts: preflight goes on, and no node follows", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    run.pause();
    run.take({ type: "checked", findings: [] });
    assert.deepEqual(typesIn(run), ["run.created", "run.paused", "run.started"]);
    run.unpause();
    assert.deepEqual(run.start(), ["a"]);
  });

  it("ends where nothing is left to start", () => {
    const run = runOf("a");
    run.pause();
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
    assert.equal(run.state.paused, undefined);
    checkRules(run);
  });

  it("ends over a failure as any other does", () => {
    const run = runOf("a; b; c > d");
    run.end("b", UNAVAILABLE);
    run.pause();
    run.end("a", FAILED);
    run.end("c", "ok");
    assert.deepEqual(statuses(run.state), { a: "failed", b: "failed", c: "succeeded", d: "skipped" });
    assert.equal(run.state.status, "failed");
    checkRules(run);
  });

  it("is cancelled as any other is", () => {
    const run = runOf("a > b; c");
    run.end("c", UNAVAILABLE);
    run.pause();
    run.cancel();
    run.end("a", { outcome: "cancelled", error: { code: "RUN_CANCELLED", message: "" } });
    assert.deepEqual(statuses(run.state), { a: "cancelled", b: "skipped", c: "cancelled" });
    assert.equal(run.state.status, "cancelled");
    checkRules(run);
  });

  it("runs out of its own time, and so do its nodes", () => {
    const stopped = runOf("a > b", { totalTimeoutMs: 5000 });
    stopped.pause();
    stopped.end("a", "ok");
    stopped.advance(5000);
    stopped.stop();
    assert.equal(stopped.state.error?.code, "RUN_TIMED_OUT");

    const run = runOf("a; b", { nodes: { a: { totalTimeoutMs: 4000 } }, onFailure: "continue" });
    run.end("a", UNAVAILABLE);
    run.pause();
    run.advance(1500);
    run.wake("a");
    assert.deepEqual(run.commands.at(-1), { type: "arm", timer: { of: "node", nodeId: "a" }, ms: 2500 });
    run.advance(2500);
    run.wake("a");
    assert.deepEqual(statuses(run.state), { a: "failed", b: "running" });
    checkRules(run);
  });

  it("bounds the wait of a node that was due when it was paused", () => {
    const run = runOf("a; b", { maxParallel: 1, nodes: { a: { totalTimeoutMs: 4000 } } });
    run.end("a", UNAVAILABLE);
    run.advance(1000);
    run.wake("a");
    assert.deepEqual(statuses(run.state), { a: "waiting", b: "running" });
    run.pause();
    assert.deepEqual(run.commands.at(-1), { type: "arm", timer: { of: "node", nodeId: "a" }, ms: 3000 });
  });

  it("leaves a wait that is not over as it is, and what has settled", () => {
    const run = runOf("a; b", { nodes: { a: { totalTimeoutMs: 4000 } }, onFailure: "continue" });
    run.end("a", UNAVAILABLE);
    const { length } = run.commands;
    run.pause();
    assert.deepEqual(run.commands.slice(length), []);
    run.cancel();
    const events = run.events.length;
    run.advance(5000);
    run.wake("a");
    assert.deepEqual(typesIn(run, events), []);
    assert.deepEqual(statuses(run.state), { a: "cancelled", b: "running" });
  });

  it("gives slots back that no attempt of it uses, and asks for them again", () => {
    const services = { one: { address: "localhost:1", maxConcurrency: 2 } };
    const run = createEngineRun(workflowOf("a; b", { services }), { ownSlots: true });
    run.take({ type: "granted", nodeId: "a" });
    run.take({ type: "queued", nodeId: "b" });
    run.pause();
    assert.deepEqual([...run.machine.slots.keys()], ["a"]);
    assert.deepEqual(run.commands.at(-1), { type: "free", nodeId: "b" });
    // It was granted in the same moment.
    run.take({ type: "granted", nodeId: "b" });
    assert.deepEqual([...run.machine.slots.keys()], ["a"]);
    run.unpause();
    assert.deepEqual(run.commands.at(-1), { type: "want", nodeId: "b", address: "localhost:1", limit: 2 });
    run.take({ type: "granted", nodeId: "b" });
    assert.deepEqual(run.start(), ["a", "b"]);
  });
});

describe("a pause", () => {
  it("of a paused run is answered with the event that paused it, and a new one after an unpause with its own", () => {
    const run = runOf("a");
    run.pause();
    run.pause();
    run.unpause();
    run.pause();
    assert.deepEqual(
      run.answers.map(({ answer }) => answer),
      [4, 4, 5, 6].map((seq) => ({ kind: "applied", seq })),
    );
    assert.deepEqual(typesIn(run, 3), ["run.paused", "run.unpaused", "run.paused"]);
  });

  it("is refused once the run has ended, and an unpause where the run is not paused", () => {
    const run = runOf("a");
    run.unpause();
    run.end("a", "ok");
    run.pause();
    assert.deepEqual(
      run.answers.map(({ answer }) => (answer.kind === "refused" ? answer.error : answer)),
      [
        { code: "RUN_NOT_PAUSED", message: "run run-1 is not paused" },
        { code: "RUN_ALREADY_ENDED", message: "run run-1 has ended: succeeded" },
      ],
    );
  });
});

describe("a resume of a paused run", () => {
  it("unpauses it in the same step, before anything starts", () => {
    const run = runOf("a > b");
    run.pause();
    const before = run.events.length;
    run.resume();
    assert.deepEqual(typesIn(run, before), ["run.resumed", "run.unpaused", "node.attempt_failed a", "node.started a"]);
    checkRules(run);
  });

  it("leaves it paused where nobody says that it is to go on", () => {
    const run = runOf("a > b");
    run.pause();
    const before = run.events.length;
    run.begin({ kind: "resumed", by: "server", recovery: true, requests: [], lastRequestId: 1 });
    assert.deepEqual(typesIn(run, before), ["run.resumed", "node.attempt_failed a"]);
    assert.equal(run.state.paused, before);
    run.take({ type: "asked", request: asked("unpause", 2) });
    assert.deepEqual(statuses(run.state), { a: "running", b: "pending" });
    checkRules(run);
  });

  it("has nothing to unpause where the run has ended since", () => {
    const run = runOf("a");
    run.pause();
    run.end("a", FAILED);
    const before = run.events.length;
    run.resume();
    assert.deepEqual(typesIn(run, before), ["run.resumed", "node.started a"]);
  });
});

describe("a takeover for a pause or an unpause", () => {
  const ABILITIES = { grpc: { recover: true, sweep: true, release: true } };

  it("records it and lets go: what is at work is left as it is", () => {
    const run = createEngineRun(workflowOf("a > b", { totalTimeoutMs: 1000 }), { abilities: ABILITIES });
    for (const [kind, type] of [
      ["pause", "run.paused"],
      ["unpause", "run.unpaused"],
    ] as const) {
      const [events, commands] = [run.events.length, run.commands.length];
      run.begin({ kind: "taken_over", requests: [asked(kind)], lastRequestId: 1 });
      assert.deepEqual(typesIn(run, events), [type]);
      assert.deepEqual(run.commands.slice(commands), [{ type: "let_go", because: "asked" }]);
      assert.deepEqual(run.answers.at(-1)?.answer, { kind: "applied", seq: events + 1 });
    }
    assert.deepEqual(statuses(run.state), { a: "running", b: "pending" });
    checkRules(run);
  });

  it("leaves a cancel that the last owner recorded, unless one is asked again", () => {
    const run = createEngineRun(workflowOf("a"));
    run.cancel();
    run.begin({ kind: "taken_over", requests: [asked("pause", 2)], lastRequestId: 2 });
    assert.equal(run.state.cancelRequested, 4);
    run.begin({ kind: "taken_over", requests: [asked("unpause", 3), asked("cancel", 4)], lastRequestId: 4 });
    assert.deepEqual(typesIn(run, 5).slice(0, 2), ["run.unpaused", "run.cancel_requested"]);
    assert.equal(run.state.status, "cancelled");
    checkRules(run);
  });

  it("does not end a run whose nodes have all settled: something of it may be at work", () => {
    const run = createEngineRun(workflowOf("a"), { abilities: ABILITIES });
    run.begin({ kind: "resumed", by: "test", requests: [], lastRequestId: 0 });
    run.end("a", "ok");
    assert.equal(run.state.status, "running", "the sweep has not ended");
    const before = run.events.length;
    run.begin({ kind: "taken_over", requests: [asked("pause")], lastRequestId: 1 });
    assert.deepEqual(typesIn(run, before), ["run.paused"]);
  });

  it("answers all that waits in order of arrival, and ends the run where a cancel is among it", () => {
    const run = runOf("a > b");
    const requests = [asked("pause", 1), asked("pause", 2), asked("unpause", 3), asked("pause", 4)];
    run.begin({ kind: "taken_over", requests, lastRequestId: 4 });
    assert.deepEqual(typesIn(run, 3), ["run.paused", "run.unpaused", "run.paused"]);
    run.begin({ kind: "taken_over", requests: [asked("unpause", 5), asked("cancel", 6)], lastRequestId: 6 });
    assert.deepEqual(typesIn(run, 6).slice(0, 2), ["run.unpaused", "run.cancel_requested"]);
    assert.equal(run.state.status, "cancelled");
    checkRules(run);
  });
});

describe("standingAnswers", () => {
  it("are there where no event would follow, and never for a cancel", () => {
    const { state } = runOf("a");
    const refused = (id: number, code: string, message: string) => ({
      requestId: id,
      answer: { kind: "refused", error: { code, message } },
    });
    const approve = refused(2, "REQUEST_UNKNOWN", "run run-1 cannot be asked to approve");
    assert.deepEqual(standingAnswers(state, [asked("unpause"), asked("approve", 2)]), [
      refused(1, "RUN_NOT_PAUSED", "run run-1 is not paused"),
      approve,
    ]);
    assert.equal(standingAnswers(state, [asked("approve", 2), asked("pause", 3)]), undefined);
    state.paused = 3;
    assert.deepEqual(standingAnswers(state, [asked("pause")]), [{ requestId: 1, answer: { kind: "applied", seq: 3 } }]);
    assert.equal(standingAnswers(state, [asked("pause"), asked("unpause", 2)]), undefined);
    state.cancelRequested = 4;
    assert.equal(standingAnswers(state, [asked("cancel")]), undefined);
  });
});
