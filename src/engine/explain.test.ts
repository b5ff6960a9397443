import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, type EngineRunOptions, UNAVAILABLE } from "../testing/engine-run.ts";
import { type WorkflowOfOptions, workflowOf } from "../testing/workflow-of.ts";
import { explain, nextStep, type Surroundings } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Finding } from "./finding.ts";
import type { Outcome } from "./outcome.ts";

const START = Date.UTC(2025, 0, 1);
const at = (ms: number): string => new Date(START + ms).toISOString();
const RETRY = { initialBackoffMs: 1000, maxBackoffMs: 1000, backoffMultiplier: 1 };
const LIMITED = { services: { s: { address: "far:1", maxConcurrency: 1 } } } as const;
const DOWN: Finding = { severity: "error", code: "SERVICE_UNREACHABLE", service: "service", message: "nobody answers" };
const WARNING: Finding = { ...DOWN, severity: "warning" };
const RECOVERS = { grpc: { recover: true, sweep: true, release: false } };

interface Told {
  readonly kind: string;
  readonly [field: string]: unknown;
}

interface Case {
  readonly what: string;
  readonly graph: string;
  readonly workflow?: WorkflowOfOptions;
  readonly run?: EngineRunOptions;
  readonly around?: Partial<Surroundings>;
  readonly happens?: (run: EngineRun) => void;
  readonly reason: Explanation["reason"]["kind"];
  /** By node: its reason's kind and what else of it is to be told. */
  readonly nodes: { readonly [id: string]: Told };
  readonly limits?: Explanation["limits"];
  readonly cause?: Explanation["cause"];
  readonly next?: string;
}

const FAILURE = { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" } as const;
const GONE = { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" } as const;
const unavailable = (pushback: number): Outcome => ({ outcome: "failed", error: GONE, pushback });

const WATCH = "watch run-1";
const RESUME = "resume run-1";
const running = (attempt = 1, since = 0, forMs = 30_000) => ({
  kind: "running",
  attempt,
  since: at(since),
  until: at(since + forMs),
});

const CASES: readonly Case[] = [
  {
    what: "nodes before it that have not succeeded",
    graph: "a > c; b > c",
    happens: (run) => run.end("a", "ok"),
    reason: "under_way",
    nodes: { b: running(), c: { kind: "upstream", waits_for: ["b"] } },
    next: WATCH,
  },
  {
    what: "max_parallel, and who holds it",
    graph: "a; b; c",
    workflow: { maxParallel: 2 },
    reason: "under_way",
    nodes: { a: running(), b: running(), c: { kind: "max_parallel" } },
    limits: [{ kind: "max_parallel", limit: 2, held_by: ["a", "b"] }],
    next: WATCH,
  },
  {
    what: "a slot of its service that this run holds",
    graph: "a; b",
    workflow: LIMITED,
    run: { ownSlots: true },
    happens: (run) => run.take({ type: "granted", nodeId: "a" }, { type: "queued", nodeId: "b" }),
    reason: "under_way",
    nodes: { a: running(), b: { kind: "slot", service: "s" } },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: ["a"] }],
    next: WATCH,
  },
  {
    what: "a slot that other runs of the process hold",
    graph: "a",
    workflow: LIMITED,
    run: { ownSlots: true },
    happens: (run) => run.take({ type: "queued", nodeId: "a" }),
    reason: "under_way",
    nodes: { a: { kind: "slot", service: "s" } },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: [] }],
    next: WATCH,
  },
  {
    what: "a retry, and why the last attempt failed",
    graph: "a",
    workflow: { retry: { ...RETRY, initialBackoffMs: 1000 } },
    happens: (run) => run.end("a", unavailable(60_000)),
    reason: "under_way",
    nodes: {
      a: {
        kind: "retry",
        retry_at: at(60_000),
        attempt: 1,
        outcome: "failed",
        error: GONE,
      },
    },
    next: WATCH,
  },
  {
    what: "a retry whose wait is over",
    graph: "a",
    workflow: { ...LIMITED, retry: RETRY },
    happens: (run) => run.end("a", unavailable(1000)),
    around: { atMs: START + 1000 },
    reason: "under_way",
    nodes: { a: { kind: "due", retry_at: at(1000), service: "s" } },
    next: WATCH,
  },
  {
    what: "the preflight, and what is checked",
    graph: "a > b",
    run: { preflight: true },
    reason: "preflight",
    nodes: { a: { kind: "preflight" }, b: { kind: "upstream", waits_for: ["a"] } },
    next: WATCH,
  },
  {
    what: "the work of an earlier owner, or a preflight after it",
    graph: "a > b",
    run: { abilities: RECOVERS },
    happens(run) {
      run.end("a", "failed");
      run.resume();
    },
    reason: "preparing",
    nodes: { a: { kind: "preparing" }, b: { kind: "upstream", waits_for: ["a"] } },
    next: WATCH,
  },
  {
    what: "nothing any more, once a preflight has only warned",
    graph: "a",
    run: { preflight: true },
    happens: (run) => run.take({ type: "checked", findings: [WARNING] }),
    reason: "under_way",
    nodes: { a: running() },
    next: WATCH,
  },
  {
    what: "an attempt of an earlier owner",
    graph: "a > b",
    run: { abilities: RECOVERS },
    happens: (run) => run.resume(),
    reason: "under_way",
    nodes: { a: { kind: "recovery", attempt: 1, since: at(0) }, b: { kind: "upstream", waits_for: ["a"] } },
    next: WATCH,
  },
  {
    what: "a changed file that took the place of what was asked",
    graph: "a",
    run: { abilities: RECOVERS },
    happens: (run) => run.resume(workflowOf("a", { nodes: { a: { inputFile: "/other" } } })),
    reason: "under_way",
    nodes: { a: { kind: "recovery", attempt: 1, since: at(0), ending: "changed" } },
    next: WATCH,
  },
  {
    what: "an end, since preflight failed while attempts were found again",
    graph: "a; b > c",
    workflow: { maxParallel: 1 },
    run: { abilities: RECOVERS, preflight: true },
    happens(run) {
      run.take({ type: "checked", findings: [] });
      run.resume();
      run.take({ type: "swept" }, { type: "checked", findings: [DOWN] });
    },
    reason: "refused",
    nodes: {
      a: { kind: "recovery", attempt: 1, since: at(0) },
      b: { kind: "refused" },
      c: { kind: "upstream", waits_for: ["b"] },
    },
    cause: { kind: "preflight", findings: [DOWN] },
    next: WATCH,
  },
  {
    what: "a pause",
    graph: "a; b > c",
    workflow: { maxParallel: 1 },
    happens: (run) => run.take({ type: "asked", request: { id: 1, kind: "pause", by: "somebody" } }),
    reason: "paused",
    nodes: { a: running(), b: { kind: "paused" }, c: { kind: "upstream", waits_for: ["b"] } },
    next: "unpause run-1",
  },
  {
    what: "a pause, whose end lets a due retry leave",
    graph: "a",
    workflow: { retry: RETRY },
    happens(run) {
      run.end("a", unavailable(1000));
      run.take({ type: "asked", request: { id: 1, kind: "pause", by: "somebody" } });
    },
    reason: "paused",
    nodes: { a: { kind: "paused", retry_at: at(1000) } },
    next: "unpause run-1",
  },
  {
    what: "a cancel, for what is outstanding",
    graph: "a > b",
    happens: (run) =>
      run.take({ type: "asked", request: { id: 1, kind: "cancel", by: "somebody", reason: "wrong input" } }),
    reason: "cancelling",
    nodes: { a: { ...running(), ending: "cancel" } },
    cause: { kind: "cancel", by: "somebody", reason: "wrong input" },
    next: WATCH,
  },
  {
    what: "its own end, since another failed and the run stops",
    graph: "a; b; c > d",
    happens: (run) => run.end("b", "failed"),
    workflow: { maxParallel: 2 },
    reason: "stopping",
    nodes: { a: running() },
    cause: { kind: "node", node_id: "b", error: FAILURE },
    next: WATCH,
  },
  {
    what: "its end, since the run's total timeout is over",
    graph: "a > b",
    workflow: { totalTimeoutMs: 1000 },
    happens: (run) => run.stop(),
    reason: "run_timeout",
    nodes: { a: { ...running(), ending: "run_timeout" } },
    next: WATCH,
  },
  {
    what: "an owner that is gone",
    graph: "a > b; c; d",
    workflow: { maxParallel: 2, retry: RETRY },
    happens: (run) => run.end("c", unavailable(60_000)),
    around: { owner: "gone" },
    reason: "interrupted",
    nodes: {
      a: { kind: "interrupted", attempt: 1 },
      b: { kind: "upstream", waits_for: ["a"] },
      c: { kind: "interrupted", retry_at: at(60_000) },
      d: { kind: "interrupted", attempt: 1 },
    },
    next: RESUME,
  },
  {
    what: "an owner that has let go of it",
    graph: "a",
    around: { owner: "left" },
    reason: "left",
    nodes: { a: { kind: "left", attempt: 1 } },
    next: RESUME,
  },
  {
    what: "a journal that takes nothing",
    graph: "a; b",
    workflow: { maxParallel: 1 },
    around: { stalled: { since: at(0), error: { code: "JOURNAL_FULL", message: "full" } } },
    reason: "stalled",
    nodes: { a: running(), b: { kind: "stalled" } },
    next: WATCH,
  },
  {
    what: "nothing: the run has succeeded",
    graph: "a",
    happens: (run) => run.end("a", "ok"),
    reason: "ended",
    nodes: {},
  },
  {
    what: "nothing: preflight has failed",
    graph: "a > b",
    run: { preflight: true },
    happens: (run) => run.take({ type: "checked", findings: [WARNING, DOWN] }),
    reason: "ended",
    nodes: { a: { kind: "ended" }, b: { kind: "ended" } },
    cause: { kind: "preflight", findings: [DOWN] },
    next: RESUME,
  },
  {
    what: "nothing: the first node that failed is the cause, not those that failed after it",
    graph: "z; a; b > c",
    happens(run) {
      run.end("b", UNAVAILABLE);
      run.end("a", "failed");
      run.end("z", "failed");
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "node", node_id: "a", error: FAILURE },
    next: RESUME,
  },
  {
    what: "nothing: the run took too long, and that is the cause, not what it did to nodes",
    graph: "a; b",
    workflow: { totalTimeoutMs: 1000, retry: RETRY },
    happens(run) {
      run.end("a", UNAVAILABLE);
      run.stop();
      run.end("b", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was ended" } });
    },
    reason: "ended",
    nodes: {},
    cause: {
      kind: "error",
      error: { code: "RUN_TIMED_OUT", message: "the run took longer than its total_timeout_seconds of 1 s" },
    },
    next: RESUME,
  },
  {
    what: "nothing: it was cancelled",
    graph: "a",
    happens(run) {
      run.cancel();
      run.end("a", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was ended" } });
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "cancel", by: "test" },
    next: RESUME,
  },
];

describe("explain", () => {
  for (const { what, graph, workflow, run, around, happens, reason, nodes, limits = [], cause, next } of CASES) {
    it(`says that nodes wait for ${what}`, () => {
      const made = createEngineRun(workflowOf(graph, workflow), run);
      happens?.(made);
      const told = explain(made.state, { atMs: START, owner: "drives", ...around });
      assert.equal(told.reason.kind, reason);
      const reasons = Object.fromEntries(told.nodes.map((node) => [node.id, node.reason]));
      assert.deepEqual(Object.keys(reasons).toSorted(), Object.keys(nodes));
      // What a case does not tell of a reason is told elsewhere.
      for (const [id, expected] of Object.entries(nodes))
        assert.deepEqual({ ...reasons[id], ...expected }, reasons[id]);
      assert.deepEqual(told.limits, limits);
      assert.deepEqual(told.cause, cause);
      assert.equal(told.next, next);
      assert.deepEqual(JSON.parse(JSON.stringify(told)), told);
    });
  }

  it("names the services that a preflight checks, and the nodes that call none", () => {
    const workflow = workflowOf("a > b", { services: { one: "far:1" } });
    const { state } = createEngineRun(workflow, { preflight: true });
    const { reason } = explain(state, { atMs: START, owner: "drives" });
    assert.deepEqual(reason, { kind: "preflight", services: [{ name: "one", address: "far:1" }], nodes: [] });
  });

  it("bounds an attempt by what earlier ones and their waits have left of the node's total timeout", () => {
    const workflow = workflowOf("a", { retry: RETRY, nodes: { a: { totalTimeoutMs: 20_000 } } });
    const run = createEngineRun(workflow);
    run.advance(5000);
    run.end("a", unavailable(2000));
    run.advance(2000);
    run.wake("a");
    const { nodes } = explain(run.state, { atMs: START, owner: "drives" });
    assert.deepEqual(nodes[0]?.reason, { kind: "running", attempt: 2, since: at(7000), until: at(20_000) });
  });

  it("says why a node was called again: a retry, a lost attempt, a resume", () => {
    const run = createEngineRun(workflowOf("a; b", { retry: RETRY }));
    run.end("a", UNAVAILABLE);
    run.advance(2000);
    run.wake("a");
    run.resume();
    run.end("a", "failed");
    run.end("b", "ok");
    run.resume();
    const { called_again } = explain(run.state, { atMs: START, owner: "drives" });
    assert.deepEqual(
      called_again.map(({ node_id, attempt, because, outcome, error }) =>
        [node_id, attempt, because, outcome, error?.code].join(" "),
      ),
      [
        "a 2 retry failed CALL_UNAVAILABLE",
        "a 3 lost lost NODE_LOST",
        "a 4 resume failed NODE_REPORTED_FAILURE",
        "b 2 lost lost NODE_LOST",
      ],
    );
  });
});

describe("nextStep", () => {
  it("is what helps the run on", () => {
    const of = (status: Parameters<typeof nextStep>[0]["status"], isInterrupted = false, paused = false) =>
      nextStep({ status, isInterrupted, paused });
    assert.deepEqual(
      [of("succeeded"), of("failed"), of("cancelled"), of("running"), of("pending"), of("running", false, true)],
      [undefined, "resume", "resume", "watch", "watch", "unpause"],
    );
    assert.deepEqual([of("running", true), of("running", true, true)], ["resume", "resume"]);
  });
});
