// What events make of a run's state, looked at whole: a fold, what lists show, what a pause or a changed file does.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { EventBody, RunEvent } from "./events.ts";
import { takeReady } from "./plan.ts";
import { createRunState, type RunState, summarize } from "./state.ts";
import { isSettledNode, isTerminalRun, NODE_STATUSES, RUN_STATUSES } from "./status.ts";
import { apply, fold } from "./transitions.ts";

const ERROR = { code: "CALL_UNAVAILABLE", message: "gone" } as const;
const AT = "2025-01-01T00:00:00.000Z";

/** Everything but the queue, whose shape is its own business. */
const whole = ({ ready: _, ...state }: RunState): object => state;

function stateAfter(literal: string, ...bodies: readonly EventBody[]): RunState {
  const state = createRunState("run-1", workflowOf(literal));
  for (const body of bodies) apply(state, { seq: state.lastSeq + 1, at: AT, run_id: "run-1", epoch: 1, ...body });
  return state;
}

const created = (params = {}): EventBody => ({
  type: "run.created",
  definition_hash: "",
  params,
  busbar_version: "0.0.0",
});
const opened: readonly EventBody[] = [created(), { type: "run.started" }];
const started = (id: string): EventBody => ({
  type: "node.started",
  node_id: id,
  attempt: 1,
  idempotency_key: `run-1/${id}/1`,
  request: null,
});

describe("fold", () => {
  it("tells the state that its events were written from, also over changed files and resumes", () => {
    const [before, after] = [workflowOf("a > b > c; d"), workflowOf("a > c; d > e")];
    const run = createEngineRun(before);
    run.start();
    run.end("a", "ok");
    run.end("d", UNAVAILABLE);
    run.start();
    run.end("b", FAILED);
    const workflows = new Map([before, after].map((workflow) => [workflow.definition.hash, workflow]));
    const folded = (): object =>
      whole(fold(run.events, createRunState("run-1", before), (hash) => workflows.get(hash)));
    assert.deepEqual(folded(), whole(run.state));
    run.resume(after);
    assert.deepEqual(folded(), whole(run.state));
    for (const id of run.start()) run.end(id, "ok");
    run.start();
    run.end("e", "ok");
    assert.equal(run.state.status, "succeeded");
    assert.deepEqual(folded(), whole(run.state));
  });

  it("keeps the file it has where a changed one is not at hand, and where nothing was resumed", () => {
    const workflow = workflowOf("a");
    const run = createEngineRun(workflow);
    run.start();
    run.end("a", FAILED);
    run.resume(workflowOf("a; b"));
    assert.deepEqual(statuses(fold(run.events, createRunState("run-1", workflow), () => undefined)), { a: "running" });
    // A created run is bound already: its hash names the text before that.
    const other = createRunState("run-1", workflowOf("x"));
    assert.deepEqual(statuses(fold(run.events.slice(0, 2), other, () => workflow)), { x: "pending" });
  });

  it("keeps what nodes wait for when a run is resumed with its own file", () => {
    const workflow = workflowOf("a; b");
    const state = fold(opened as RunEvent[], createRunState("run-1", workflow), () => workflow);
    const nodes = [...state.byPosition];
    const event: EventBody = {
      type: "run.resumed",
      from: "interrupted",
      by: "test",
      reset: [],
      definition_hash: workflow.definition.hash,
    };
    fold([{ seq: 3, at: AT, run_id: "run-1", epoch: 2, ...event }], state, () => workflow);
    assert.ok(state.byPosition.every((node, position) => node === nodes[position]));
  });
});

describe("apply", () => {
  it("begins with a pending run of pending nodes that nothing has happened to", () => {
    const { ready: _, workflow, ...state } = createRunState("run-1", workflowOf("a > b"));
    const node = { status: "pending", round: 1, failures: 0, due: false, attempts: [] } as const;
    const [a, b] = workflow.nodes;
    const nodes = [
      { ...node, id: "a", position: 0, definition: a, upstream: [], downstream: [1], unsettledUpstream: 0 },
      { ...node, id: "b", position: 1, definition: b, upstream: [0], downstream: [], unsettledUpstream: 1 },
    ];
    assert.deepEqual(state, {
      runId: "run-1",
      status: "pending",
      params: {},
      epoch: 0,
      lastSeq: 0,
      createdAt: "",
      cancelRequested: undefined,
      paused: undefined,
      cancel: undefined,
      findings: [],
      recoveries: { inVain: 0, isIdle: false },
      dropped: new Map(),
      nodes: new Map(nodes.map((one) => [one.id, one])),
      byPosition: nodes,
      counts: { pending: 2, running: 0, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
    });
  });

  it("keeps params and times, and seq and epoch of the last event", () => {
    const state = stateAfter("a", created({ site: "berlin" }), { type: "run.started" });
    assert.deepEqual(
      [state.params, state.createdAt, state.startedAt, state.lastSeq, state.epoch, state.status],
      [{ site: "berlin" }, AT, AT, 2, 1, "running"],
    );
  });

  it("keeps how an attempt ended, and the output", () => {
    const state = stateAfter("a", ...opened, started("a"), {
      type: "node.succeeded",
      node_id: "a",
      attempt: 1,
      output: { rows: 3 },
      duration_ms: 7,
    });
    assert.deepEqual(state.nodes.get("a")?.output, { rows: 3 });
    assert.deepEqual(state.nodes.get("a")?.attempts, [
      { attempt: 1, idempotencyKey: "run-1/a/1", startedAt: AT, epoch: 1, outcome: "succeeded", durationMs: 7 },
    ]);
  });

  it("leaves a node running between its final failure and what settles it", () => {
    const state = stateAfter("a", ...opened, started("a"), {
      type: "node.attempt_failed",
      node_id: "a",
      attempt: 1,
      outcome: "failed",
      error: ERROR,
      duration_ms: 1,
    });
    assert.deepEqual([statuses(state), state.counts.running], [{ a: "running" }, 1]);
  });

  it("takes outcomes of attempts that nobody saw start, and resets of nodes that are not there", () => {
    const state = stateAfter(
      "a; b",
      ...opened,
      { type: "node.attempt_failed", node_id: "a", attempt: 1, outcome: "failed", error: ERROR, duration_ms: 1 },
      { type: "node.succeeded", node_id: "b", attempt: 1, output: null, duration_ms: 1, reused_from: "run-0" },
      { type: "run.resumed", from: "interrupted", by: "test", reset: ["gone"], definition_hash: "" },
    );
    assert.deepEqual(statuses(state), { a: "pending", b: "succeeded" });
  });

  it("passes over events of a later version (E7)", () => {
    const state = stateAfter("a", ...opened, { type: "run.labelled" } as unknown as EventBody);
    assert.deepEqual([state.lastSeq, statuses(state)], [3, { a: "pending" }]);
  });

  it("counts no lost attempt as a failure (E4)", () => {
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.end("a", UNAVAILABLE);
    run.wake("a");
    run.start();
    run.end("a", "lost");
    assert.deepEqual([run.state.nodes.get("a")?.failures, run.state.nodes.get("a")?.attempts.length], [1, 3]);
    run.start();
    run.end("a", UNAVAILABLE);
    assert.equal(run.state.nodes.get("a")?.failures, 2);
  });

  it("leaves a run pending that is resumed before it ever started", () => {
    const resumed: EventBody = { type: "run.resumed", from: "failed", by: "test", reset: [], definition_hash: "" };
    assert.equal(stateAfter("a", created(), { type: "run.failed", duration_ms: 1 }, resumed).status, "pending");
    assert.equal(stateAfter("a", ...opened, resumed).status, "running");
  });
});

describe("a changed file", () => {
  it("puts a new node before one whose attempt was lost", () => {
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.resume(workflowOf("z > a"));
    assert.deepEqual(run.start(), ["z"]);
    run.end("z", "ok");
    assert.deepEqual(run.start(), ["a"]);
  });

  it("sets nodes aside, and no longer when they come back", () => {
    const [all, without] = [workflowOf("a; b"), workflowOf("a")];
    const run = createEngineRun(all);
    run.resume(without);
    assert.deepEqual([...run.state.dropped.keys()], ["b"]);
    run.resume(all);
    assert.deepEqual([...run.state.dropped.keys()], []);
  });
});

describe("takeReady", () => {
  const after = (...bodies: readonly EventBody[]): string | undefined => takeReady(stateAfter("a", ...bodies))?.id;

  it("offers nothing before the run has started, while it is paused or is to be cancelled, and when it has ended", () => {
    const paused: EventBody = { type: "run.paused", by: "test" };
    assert.equal(after(created()), undefined);
    assert.equal(after(...opened, paused), undefined);
    assert.equal(after(...opened, { type: "run.cancel_requested", by: "test" }), undefined);
    assert.equal(after(...opened, { type: "run.failed", duration_ms: 1 }), undefined);
    assert.equal(after(...opened, paused, { type: "run.unpaused", by: "test" }), "a");
    const resumed: EventBody = { type: "run.resumed", from: "interrupted", by: "test", reset: [], definition_hash: "" };
    assert.equal(after(...opened, paused, resumed), undefined);
    assert.equal(after(...opened, paused, resumed, { type: "run.unpaused", by: "test" }), "a");
    const ended: EventBody = { type: "run.failed", duration_ms: 1 };
    assert.equal(after(...opened, paused, ended, { ...resumed, from: "failed" }), "a");
  });
});

describe("summarize", () => {
  it("tells of a run what is known of it, and leaves out what is not", () => {
    const counts = { pending: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
    const open = stateAfter("a", created());
    assert.deepEqual(summarize(open), {
      workflow: "test",
      status: "pending",
      created_at: AT,
      counts: { ...counts, pending: 1 },
    });
    const ended = stateAfter("a", ...opened, { type: "run.failed", duration_ms: 5, error: ERROR });
    assert.deepEqual(summarize(ended), {
      workflow: "test",
      status: "failed",
      created_at: AT,
      started_at: AT,
      ended_at: AT,
      duration_ms: 5,
      counts: { ...counts, pending: 1 },
      error: ERROR,
    });
    const paused = stateAfter("a", ...opened, { type: "run.paused", by: "test" });
    assert.equal(summarize(paused).paused, true);
    assert.equal("paused" in summarize(open), false);
  });
});

describe("statuses", () => {
  it("end a run, or settle a node", () => {
    assert.deepEqual(
      RUN_STATUSES.filter((status) => isTerminalRun(status)),
      ["succeeded", "failed", "cancelled"],
    );
    assert.deepEqual(
      NODE_STATUSES.filter((status) => isSettledNode(status)),
      ["succeeded", "failed", "skipped", "cancelled"],
    );
  });
});
