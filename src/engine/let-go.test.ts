// An owner that is about to go: what is in flight may end, nothing starts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { Finding } from "./finding.ts";
import { checkHistory } from "./rules.ts";

const ABLE = { grpc: { recover: true, sweep: true, release: false } };
const LET_GO = { type: "let_go", because: "draining" };
const FINDING: Finding = { severity: "error", code: "SERVICE_UNREACHABLE", message: "refused" };

/** Tells the run that its owner is about to go. @returns what it does then and afterwards */
function drain(run: EngineRun): {
  readonly events: () => readonly string[];
  readonly commands: () => readonly string[];
} {
  const [events, commands] = [run.events.length, run.commands.length];
  run.take({ type: "draining" });
  return {
    events: () =>
      run.events.slice(events).map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type)),
    commands: () => run.commands.slice(commands).map(({ type }) => type),
  };
}

function checkRules(run: EngineRun): void {
  const violations = checkHistory(run.events, () => run.state.workflow);
  assert.deepEqual(violations, []);
}

describe("a run whose owner is about to go", () => {
  it("records how its attempts end, starts nothing over that, and is let go with the last of them", () => {
    const run = createEngineRun(workflowOf("a > b; c"));
    const since = drain(run);
    assert.deepEqual([since.events(), since.commands()], [[], []]);
    run.end("a", "ok");
    assert.deepEqual([since.events(), since.commands()], [["node.succeeded a"], []]);
    run.end("c", "ok");
    assert.deepEqual([since.events(), since.commands()], [["node.succeeded a", "node.succeeded c"], ["let_go"]]);
    assert.deepEqual(run.commands.at(-1), LET_GO);
    assert.deepEqual(statuses(run.state), { a: "succeeded", b: "pending", c: "succeeded" });
    checkRules(run);
  });

  it("ends where nothing is left to start", () => {
    const run = createEngineRun(workflowOf("a > b"));
    const since = drain(run);
    run.end("a", FAILED);
    assert.deepEqual(since.events(), ["node.attempt_failed a", "node.failed a", "node.skipped b", "run.failed"]);
    assert.ok(!since.commands().includes("let_go"));
  });

  it("is let go at once where nothing is in flight: between attempts, paused, or waiting for a slot", () => {
    const waiting = createEngineRun(workflowOf("a"));
    waiting.end("a", UNAVAILABLE);
    assert.deepEqual(drain(waiting).commands(), ["let_go"]);
    const paused = createEngineRun(workflowOf("a > b"));
    paused.pause();
    paused.end("a", "ok");
    assert.deepEqual(drain(paused).commands(), ["let_go"]);
    const limited = workflowOf("a", { services: { one: { address: "localhost:1", maxConcurrency: 1 } } });
    const queued = createEngineRun(limited, { ownSlots: true });
    queued.take({ type: "queued", nodeId: "a" });
    assert.deepEqual(drain(queued).commands(), ["let_go"]);
  });

  it("keeps the wait for a retry for its next owner", () => {
    const run = createEngineRun(workflowOf("a"));
    drain(run);
    run.end("a", UNAVAILABLE);
    assert.deepEqual(statuses(run.state), { a: "waiting" });
    assert.deepEqual(run.commands.at(-1), LET_GO);
    run.resume();
    assert.deepEqual(run.start(), ["a", "a"]);
    checkRules(run);
  });

  it("gives a preflight up, and records nothing of it", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    const since = drain(run);
    assert.deepEqual([since.events(), since.commands()], [[], ["uncheck", "let_go"]]);
  });

  it("waits for nobody that an earlier owner left and nobody has asked after", () => {
    const run = createEngineRun(workflowOf("a"), { abilities: ABLE });
    run.begin({ kind: "resumed", by: "test", requests: [], lastRequestId: 0 });
    assert.deepEqual(drain(run).commands(), ["let_go"]);
  });

  it("waits for what an earlier owner left and was found again", () => {
    const run = createEngineRun(workflowOf("a > b"), { abilities: ABLE });
    run.begin({ kind: "resumed", by: "test", requests: [], lastRequestId: 0 });
    run.take({ type: "swept" });
    const since = drain(run);
    assert.deepEqual(since.commands(), []);
    run.end("a", "ok");
    assert.deepEqual([since.events(), since.commands()], [["node.succeeded a"], ["let_go"]]);
  });

  it("ends all the same where preflight has refused it, once what was found again has ended", () => {
    const run = createEngineRun(workflowOf("a > b"), {
      abilities: { grpc: { ...ABLE.grpc, sweep: false } },
      preflight: true,
    });
    run.take({ type: "checked", findings: [] });
    run.begin({ kind: "resumed", by: "test", requests: [], lastRequestId: 0 });
    run.take({ type: "checked", findings: [FINDING] });
    const since = drain(run);
    run.end("a", "ok");
    assert.deepEqual([since.events(), since.commands()], [["node.succeeded a", "run.failed"], []]);
  });

  it("can be cancelled meanwhile, and is ended so", () => {
    const run = createEngineRun(workflowOf("a > b"));
    const since = drain(run);
    run.cancel();
    assert.deepEqual(since.commands(), ["abort"]);
    run.end("a", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } });
    assert.deepEqual(since.events().slice(-1), ["run.cancelled"]);
    checkRules(run);
  });

  it("can be unpaused meanwhile, and starts nothing", () => {
    const run = createEngineRun(workflowOf("a > c; b"));
    run.pause();
    const since = drain(run);
    run.end("a", "ok");
    run.unpause();
    assert.deepEqual(since.events(), ["node.succeeded a", "run.unpaused"]);
    run.end("b", "ok");
    assert.deepEqual(since.commands(), ["let_go"]);
    checkRules(run);
  });

  it("is let go once", () => {
    const run = createEngineRun(workflowOf("a"), { preflight: true });
    drain(run);
    const again = drain(run);
    assert.deepEqual([again.events(), again.commands()], [[], []]);
  });
});
