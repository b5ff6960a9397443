import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../src/engine/events.ts";
import type { RunState } from "../../src/engine/state.ts";
import { createRunHistory, type RunShape } from "./run-history.ts";

const RUN: RunShape = {
  run_id: "r1",
  workflow: "energy",
  definition_hash: "sha256:1",
  nodes: [
    { id: "a", upstream: [] },
    { id: "b", upstream: ["a"] },
    { id: "c", upstream: ["b", "gone"] },
  ],
};
const ERROR = { code: "CALL_UNAVAILABLE", message: "b at localhost:1 could not be reached" } as const;

const EVENTS = eventsOf(
  { type: "run.created", definition_hash: "sha256:1", params: { n: 1 }, busbar_version: "0.2.0" },
  { type: "run.started" },
  { type: "node.started", node_id: "a", attempt: 1, idempotency_key: "r1/a/1", request: {} },
  { type: "node.succeeded", node_id: "a", attempt: 1, output: { message: "done" }, duration_ms: 5 },
  { type: "node.started", node_id: "b", attempt: 1, idempotency_key: "r1/b/1", request: {} },
  {
    ...{ type: "node.attempt_failed", node_id: "b", attempt: 1, outcome: "failed", error: ERROR, duration_ms: 2 },
    ...{ retry_at: "2026-11-26T10:00:09.000Z", retry_delay_ms: 2000 },
  },
  { type: "node.started", node_id: "b", attempt: 2, idempotency_key: "r1/b/1", request: {} },
  { type: "node.attempt_failed", node_id: "b", attempt: 2, outcome: "failed", error: ERROR, duration_ms: 2 },
  { type: "node.failed", node_id: "b", error: ERROR },
  { type: "node.skipped", node_id: "c", reason: "upstream", because: "b" },
  { type: "run.failed", duration_ms: 90, error: { code: "RUN_NODE_FAILED", message: "b failed" } },
);

describe("the history of a run", () => {
  it("tells how the run stood after any of its events", () => {
    const history = createRunHistory(RUN, EVENTS);
    const at = (count: number) => statuses(history.stateAt(count));
    assert.deepEqual(at(0), { run: "pending", a: "pending", b: "pending", c: "pending" });
    assert.deepEqual(at(3), { run: "running", a: "running", b: "pending", c: "pending" });
    assert.deepEqual(at(6), { run: "running", a: "succeeded", b: "waiting", c: "pending" });
    assert.deepEqual(at(11), { run: "failed", a: "succeeded", b: "failed", c: "skipped" });
  });

  it("knows nothing in the past of what came later", () => {
    const history = createRunHistory(RUN, EVENTS);
    history.stateAt(EVENTS.length);
    const { error, endedAt, firstFailure, nodes, counts } = history.stateAt(7);
    assert.deepEqual([error, endedAt, firstFailure], [undefined, undefined, undefined]);
    assert.equal(nodes.get("b")?.attempts.length, 2);
    assert.equal(nodes.get("b")?.attempts[1]?.outcome, undefined);
    assert.equal(nodes.get("c")?.because, undefined);
    assert.equal(counts.failed, 0);
  });

  it("goes on in time where a clock is set back, and keeps what was recorded", () => {
    const [created, started, ...others] = EVENTS;
    assert.ok(created !== undefined && started !== undefined);
    const back = others.map((event): RunEvent => ({ ...event, at: "2020-01-01T00:00:00.000Z" }));
    const history = createRunHistory(RUN, [created, started, ...back]);
    const whole = history.stateAt(EVENTS.length);
    assert.deepEqual(
      history.instants,
      EVENTS.map((_, index) => Date.parse(index === 0 ? created.at : started.at)),
    );
    assert.equal(whole.nodes.get("b")?.attempts[0]?.startedAt, started.at);
    assert.equal(history.events.at(-1)?.at, "2020-01-01T00:00:00.000Z");
  });

  it("gives the same for the same instant, wherever it was looked at before", () => {
    const history = createRunHistory(RUN, EVENTS);
    const expected = EVENTS.map((_, index) => statuses(createRunHistory(RUN, EVENTS.slice(0, index)).stateAt(index)));
    for (const count of [5, 2, 9, 9, 0, 10, 1, 6, 3]) {
      assert.deepEqual(statuses(history.stateAt(count)), expected[count], `after ${count} events`);
      assert.equal(history.stateAt(EVENTS.length).status, "failed");
    }
  });

  it("gives the same in a long history, of which it keeps copies", () => {
    const bodies = Array.from({ length: 1_700 }, (_, index): EventBody[] => {
      const attempt = index + 1;
      return [
        { type: "node.started", node_id: "a", attempt, idempotency_key: "r1/a/1", request: {} },
        {
          ...{ type: "node.attempt_failed", node_id: "a", attempt, outcome: "failed", error: ERROR, duration_ms: 2 },
          ...{ retry_at: "2026-11-26T10:00:09.000Z", retry_delay_ms: 1 },
        },
      ];
    });
    const events = eventsOf(...bodies.flat());
    const history = createRunHistory(RUN, events);
    const attemptsAt = (count: number) => {
      const { attempts, status, failures } = history.stateAt(count).nodes.get("a") ?? assert.fail();
      return [attempts.length, attempts.filter(({ outcome }) => outcome !== undefined).length, status, failures];
    };
    for (const count of [3_001, 2_999, 1_000, 3_300, 999, 2_000, 1_001, 1, 3_399, 1_500]) {
      const ended = count >> 1;
      const expected = [ended + (count % 2), ended, count % 2 === 1 ? "running" : "waiting", ended];
      assert.deepEqual(attemptsAt(count), expected, `after ${count} events`);
      assert.equal(history.stateAt(events.length).nodes.get("a")?.failures, 1_700);
    }
  });

  it("goes on with what follows, while somebody looks at the past", () => {
    const history = createRunHistory(RUN, EVENTS.slice(0, 5));
    const past = history.stateAt(3);
    for (const event of EVENTS.slice(5)) assert.equal(history.add(event), true);
    assert.equal(statuses(past).a, "running");
    assert.equal(history.stateAt(EVENTS.length).counts.failed, 1);
    assert.equal(history.events.length, EVENTS.length);
  });

  it("leaves out what it has, and refuses what does not follow", () => {
    const history = createRunHistory(RUN, EVENTS.slice(0, 5));
    assert.equal(history.add(EVENTS[4] as RunEvent), true);
    assert.equal(history.add(EVENTS[6] as RunEvent), false);
    assert.equal(history.events.length, 5);
    assert.equal(history.add(EVENTS[5] as RunEvent), true);
    assert.equal(history.stateAt(6).nodes.get("b")?.status, "waiting");
  });
});

function statuses({ status, nodes }: RunState): Record<string, string> {
  return { run: status, ...Object.fromEntries([...nodes].map(([id, node]) => [id, node.status])) };
}

function eventsOf(...bodies: readonly EventBody[]): readonly RunEvent[] {
  return bodies.map((body, index) => ({
    ...{ seq: index + 1, at: new Date(Date.UTC(2026, 10, 26, 10) + index * 1000).toISOString() },
    ...{ run_id: "r1", epoch: 1 },
    ...body,
  }));
}
