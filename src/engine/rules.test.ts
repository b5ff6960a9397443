import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createEngineRun, FAILED, UNAVAILABLE } from "../testing/engine-run.ts";
import { anyGraph } from "../testing/graphs.ts";
import { createWorkflow, workflowOf } from "../testing/workflow-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { RunEvent } from "./events.ts";
import type { HistoryRule } from "./history.ts";
import type { Outcome } from "./outcome.ts";
import { mayStartNodes, takeReady } from "./plan.ts";
import { checkHistory } from "./rules.ts";
import { createRunState, summarize } from "./state.ts";
import { fold } from "./transitions.ts";

const CANCELLED: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };

/** A workflow over any graph, with the options that change how a run goes. */
const anyWorkflow: fc.Arbitrary<Workflow> = fc
  .record({
    graph: anyGraph({ maxNodes: 12 }),
    onFailure: fc.constantFrom("stop" as const, "continue" as const),
    onLost: fc.constantFrom("retry" as const, "fail" as const),
    maxParallel: fc.integer({ min: 1, max: 4 }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ graph, maxAttempts, ...options }) => {
    const edges = graph.downstream.flatMap((list, from) => list.map((to): [number, number] => [from, to]));
    return createWorkflow("any", graph.ids, edges, { ...options, retry: { maxAttempts } });
  });

/** Drives a run by random picks until it ends; crashes, cancels and resumes on the way. */
function drive(
  workflow: Workflow,
  picks: Iterator<number>,
): { readonly events: readonly RunEvent[]; readonly lives: number } {
  const run = createEngineRun(workflow);
  const pick = (below: number): number => (picks.next().value ?? 0) % below;
  let lives = 0;
  for (let step = 0; step < 500; step += 1) {
    if (run.state.status !== "running" && (run.state.status === "succeeded" || lives === 4)) break;
    if (run.state.status !== "running" || (lives < 4 && pick(40) === 0)) {
      lives += 1;
      run.resume();
      continue;
    }
    if (pick(60) === 0 && !run.state.cancelRequested) {
      run.cancel();
      continue;
    }
    run.start();
    const busy = run.state.byPosition.filter((node) => node.status === "running" || node.status === "waiting");
    const node = busy[pick(busy.length)];
    if (node === undefined) throw new Error("the run is stuck");
    if (node.status === "waiting") run.wake(node.id);
    else
      run.end(
        node.id,
        (
          [
            { outcome: "succeeded", output: null },
            FAILED,
            UNAVAILABLE,
            run.state.cancelRequested ? CANCELLED : UNAVAILABLE,
          ] as const
        )[pick(4)] ?? FAILED,
      );
  }
  return { events: run.events, lives };
}

const picksOf = fc.infiniteStream(fc.nat(10_000));

describe("every history the engine writes", () => {
  it("keeps every rule at every prefix that ends an append (E1-E5)", () => {
    fc.assert(
      fc.property(anyWorkflow, picksOf, (workflow, picks) => {
        const { events } = drive(workflow, picks);
        assert.deepEqual(
          checkHistory(events, () => workflow),
          [],
        );
      }),
      { numRuns: 400 },
    );
  });

  it("folds to the state it was written from, wherever it is cut", () => {
    fc.assert(
      fc.property(anyWorkflow, picksOf, fc.nat(1000), (workflow, picks, at) => {
        const { events } = drive(workflow, picks);
        const whole = fold(events, createRunState("run-1", workflow), () => workflow);
        const cut = at % (events.length + 1);
        const half = fold(events.slice(0, cut), createRunState("run-1", workflow), () => workflow);
        const resumed = fold(events.slice(cut), half, () => workflow);
        assert.deepEqual(summarize(resumed), summarize(whole));
        assert.deepEqual([...resumed.nodes], [...whole.nodes]);
        const sum = Object.values(whole.counts).reduce((a, b) => a + b, 0);
        assert.equal(sum, workflow.nodes.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe("plan", () => {
  it("offers, after a fold of any history, each node whose upstream has succeeded, once, in file order, and no other (E1, E2)", () => {
    fc.assert(
      fc.property(anyWorkflow, picksOf, fc.nat(1000), (workflow, picks, at) => {
        const { events } = drive(workflow, picks);
        const wide = { ...workflow, maxParallel: 1000 };
        const state = fold(events.slice(0, at % (events.length + 1)), createRunState("run-1", wide), () => wide);
        const offered: string[] = [];
        for (let node = takeReady(state); node !== undefined; node = takeReady(state)) offered.push(node.id);
        const expected = state.byPosition.filter(
          (node) =>
            mayStartNodes(state) &&
            node.status === "pending" &&
            workflow.graph.upstream[node.position]?.every((other) => state.byPosition[other]?.status === "succeeded"),
        );
        assert.deepEqual(
          offered,
          expected.map((node) => node.id),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("checkHistory", () => {
  const workflow = workflowOf("a > b", { retry: { maxAttempts: 2 } });
  const good = (): RunEvent[] => {
    const run = createEngineRun(workflow);
    run.start();
    run.end("a", UNAVAILABLE);
    run.wake("a");
    run.start();
    run.end("a", "ok");
    run.start();
    run.end("b", FAILED);
    run.resume();
    run.start();
    run.end("b", "ok");
    return structuredClone(run.events) as RunEvent[];
  };
  const breaks = (events: readonly RunEvent[]): Set<HistoryRule> =>
    new Set(checkHistory(events, () => workflow).map((v) => v.rule));
  const renumber = (events: readonly RunEvent[]): RunEvent[] =>
    events.map((event, index) => ({ ...event, seq: index + 1 }));
  const without = (predicate: (event: RunEvent) => boolean): RunEvent[] => {
    const events = good();
    const index = events.findIndex(predicate);
    assert.ok(index >= 0);
    return renumber(events.filter((_, at) => at !== index));
  };
  const changed = (predicate: (event: RunEvent) => boolean, change: object): RunEvent[] => {
    const events = good();
    const index = events.findIndex(predicate);
    assert.ok(index >= 0);
    return events.map((event, at) => (at === index ? ({ ...event, ...change } as RunEvent) : event));
  };
  const is =
    (type: RunEvent["type"], node?: string) =>
    (event: RunEvent): boolean =>
      event.type === type && (node === undefined || ("node_id" in event && event.node_id === node));

  it("finds nothing wrong with a right history", () => assert.deepEqual(breaks(good()), new Set()));

  const cases: readonly (readonly [HistoryRule, string, () => RunEvent[]])[] = [
    ["sequence", "a missing event", () => good().filter((_, at) => at !== 3)],
    ["creation", "no run.created", () => without(is("run.created"))],
    ["ownership", "an epoch that falls", () => changed(is("run.succeeded"), { epoch: 1 })],
    ["ownership", "a resume in the old epoch", () => changed(is("run.resumed"), { epoch: 1 })],
    ["terminal", "an event after the end", () => renumber([...good(), ...good().slice(-1)])],
    ["start", "an attempt before run.started", () => without(is("run.started"))],
    ["join", "a start before its upstream has succeeded", () => without(is("node.succeeded", "a"))],
    ["single", "a second attempt while one is outstanding", () => without(is("node.attempt_failed", "a"))],
    [
      "final",
      "an event of a settled node",
      () => {
        const events = good();
        const at = events.findIndex(is("node.succeeded", "a"));
        return renumber([...events.slice(0, at + 1), ...events.slice(at)]);
      },
    ],
    ["attempts", "an outcome of another attempt", () => changed(is("node.succeeded", "a"), { attempt: 1 })],
    ["key", "another idempotency key", () => changed(is("node.started", "b"), { idempotency_key: "run-1/b/7" })],
    ["retry", "a final failure that settles nothing", () => without(is("node.failed", "b"))],
    [
      "retry",
      "more retries than allowed",
      () => {
        const events = good();
        const at = events.findIndex(is("node.succeeded", "a"));
        const retried = events.find(is("node.attempt_failed", "a"));
        return renumber(
          events
            .map((event, index) => (index === at ? ({ ...retried, attempt: 2 } as RunEvent) : event))
            .slice(0, at + 1),
        );
      },
    ],
    [
      "stopped",
      "a start after a cancel request",
      () => {
        const events = good();
        const at = events.findIndex(is("node.started", "b"));
        const cancel = { seq: 0, at: "", run_id: "run-1", epoch: 1, type: "run.cancel_requested", by: "test" } as const;
        return renumber([...events.slice(0, at), cancel, ...events.slice(at, at + 1)]);
      },
    ],
    ["reset", "a resume that leaves a failed node", () => changed(is("run.resumed"), { reset: [] })],
    ["reset", "a resume that resets a succeeded node (E3)", () => changed(is("run.resumed"), { reset: ["a", "b"] })],
    ["end", "a run that ends before its nodes have", () => without(is("node.succeeded", "b"))],
    ["end", "a run that ends otherwise than its nodes", () => changed(is("run.succeeded"), { type: "run.cancelled" })],
  ];
  for (const [rule, title, events] of cases) {
    it(`finds ${title} (${rule})`, () => assert.ok(breaks(events()).has(rule), [...breaks(events())].join(", ")));
  }
});
