import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, type EngineRunOptions, UNAVAILABLE } from "../testing/engine-run.ts";
import { createWorkflow, type WorkflowOfOptions, workflowOf } from "../testing/workflow-of.ts";
import type { WorkflowNode } from "../workflow/workflow.ts";
import { explain, nextStep, type Surroundings } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Finding } from "./finding.ts";
import { lookInside } from "./inside.ts";
import type { Outcome } from "./outcome.ts";
import { createRunState } from "./state.ts";
import { apply } from "./transitions.ts";

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
  /** Asked in the owner's process. */
  readonly inside?: boolean;
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
const RETRIES = { maxAttempts: 4, retryOn: ["UNAVAILABLE"], ...RETRY };
const TOO_LONG = {
  code: "RUN_TIMED_OUT",
  message: "the run took longer than its total_timeout_seconds of 1 s",
} as const;
const unavailable = (pushback: number): Outcome => ({ outcome: "failed", error: GONE, pushback });

const QUEUED = { ahead: 1, limit: "server", max_runs: 2 } as const;
const STALLED = { since: at(0), error: { code: "JOURNAL_FULL", message: "full" } } as const;
const RESUMED = { kind: "resumed", by: "test", requests: [], lastRequestId: 0 } as const;

function queuedAfterResume(run: EngineRun): void {
  run.take({ type: "granted", nodeId: "a" });
  run.end("a", "failed");
  run.resume();
  run.take({ type: "queued", nodeId: "a" });
}

function call(id: string, service: string): WorkflowNode {
  const found = workflowOf(id, { services: { [service]: "far:1" } }).nodes[0];
  return found ?? assert.fail();
}

function container(id: string): WorkflowNode {
  const { timeoutMs, retry, onLost } = call(id, "service");
  const made = { program: "docker", options: [], image: "image:1", args: [], env: {}, allow: [] } as const;
  return { id, timeoutMs, retry, onLost, executor: "docker", container: made };
}

/** `a` waits in a paused run until its time is over. */
function outOfTime(run: EngineRun): void {
  run.end("a", unavailable(1000));
  run.take({ type: "asked", request: { id: 1, kind: "pause", by: "somebody" } });
  run.advance(9000);
  run.take({ type: "due", timer: { of: "node", nodeId: "a" } });
}

/** `a` waits for a retry, `b` begins anew. */
function failedAndResumed(run: EngineRun): void {
  run.end("a", unavailable(60_000));
  run.begin(RESUMED);
  run.take({ type: "recovered", nodeId: "b", attempt: 1, found: "gone" });
}

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
    what: "their run's turn at its server, as its owner knows",
    graph: "a > b",
    run: { queues: true },
    inside: true,
    reason: "queued",
    nodes: { a: { kind: "queued" }, b: { kind: "upstream", waits_for: ["a"] } },
    next: WATCH,
  },
  {
    what: "their run's turn, or a preflight, in a run that a server has started",
    graph: "a",
    run: { queues: true },
    around: { mayQueue: true },
    reason: "preparing",
    nodes: { a: { kind: "preparing" } },
    next: WATCH,
  },
  {
    what: "nothing but themselves, in a run of a server that has started",
    graph: "a > b",
    around: { mayQueue: true },
    reason: "under_way",
    nodes: {
      a: { kind: "running", attempt: 1, since: at(0), until: at(30_000) },
      b: { kind: "upstream", waits_for: ["a"] },
    },
    next: WATCH,
  },
  {
    what: "their run to be unpaused, in one that waits for its turn",
    graph: "a",
    run: { queues: true },
    inside: true,
    happens: (run) => run.pause(),
    reason: "paused",
    nodes: { a: { kind: "paused" } },
    next: "unpause run-1",
  },
  {
    what: "a retry whose time runs on while their run waits for its turn",
    graph: "a; b",
    run: { queues: true },
    workflow: { retry: RETRIES },
    inside: true,
    happens(run) {
      run.take({ type: "admitted" });
      run.end("a", unavailable(5000));
      run.resume();
    },
    around: { atMs: START + 10 },
    reason: "queued",
    nodes: {
      a: { kind: "retry", retry_at: at(5000), attempt: 1, outcome: "failed", error: GONE },
      b: { kind: "queued" },
    },
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
    what: "the work of an earlier owner, as its owner knows",
    graph: "a > b",
    run: { abilities: RECOVERS },
    inside: true,
    happens(run) {
      run.end("a", "failed");
      run.resume();
    },
    reason: "sweep",
    nodes: { a: { kind: "sweep" }, b: { kind: "upstream", waits_for: ["a"] } },
    next: WATCH,
  },
  {
    what: "the preflight of a resumed run, as its owner knows",
    graph: "a",
    run: { preflight: true },
    inside: true,
    happens(run) {
      run.take({ type: "checked", findings: [] });
      run.end("a", "failed");
      run.resume();
    },
    reason: "preflight",
    nodes: { a: { kind: "preflight" } },
    next: WATCH,
  },
  {
    what: "a slot or for what an earlier owner left, in a resumed run",
    graph: "a",
    workflow: LIMITED,
    run: { ownSlots: true },
    happens: queuedAfterResume,
    reason: "preparing",
    nodes: { a: { kind: "preparing", service: "s" } },
    next: WATCH,
  },
  {
    what: "a slot in a resumed run, as its owner knows",
    graph: "a",
    workflow: LIMITED,
    run: { ownSlots: true },
    inside: true,
    happens: queuedAfterResume,
    reason: "under_way",
    nodes: { a: { kind: "slot", service: "s" } },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: [] }],
    next: WATCH,
  },
  {
    what: "a slot in a resumed run that has called something since",
    graph: "a; b",
    workflow: { ...LIMITED, nodes: { a: { service: "free" } }, services: { ...LIMITED.services, free: "far:2" } },
    run: { ownSlots: true },
    happens(run) {
      run.end("a", "failed");
      run.resume();
      run.take({ type: "queued", nodeId: "b" });
    },
    reason: "under_way",
    nodes: { a: running(2), b: { kind: "slot", service: "s" } },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: [] }],
    next: WATCH,
  },
  {
    what: "a slot in a resumed run whose preflight has warned",
    graph: "a",
    workflow: LIMITED,
    run: { ownSlots: true, preflight: true },
    happens(run) {
      run.take({ type: "checked", findings: [DOWN] });
      run.resume();
      run.take({ type: "checked", findings: [WARNING] }, { type: "queued", nodeId: "a" });
    },
    reason: "under_way",
    nodes: { a: { kind: "slot", service: "s" } },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: [] }],
    next: WATCH,
  },
  {
    what: "max_parallel, though they may also wait for what an earlier owner left",
    graph: "a; b",
    workflow: { maxParallel: 1 },
    run: { abilities: RECOVERS },
    happens: (run) => run.resume(),
    reason: "under_way",
    nodes: { a: { kind: "recovery", attempt: 1, since: at(0) }, b: { kind: "max_parallel" } },
    limits: [{ kind: "max_parallel", limit: 1, held_by: ["a"] }],
    next: WATCH,
  },
  {
    what: "a slot that this run holds, once their own wait is over",
    graph: "a; b",
    workflow: { ...LIMITED, retry: RETRY },
    run: { ownSlots: true },
    happens(run) {
      run.take({ type: "granted", nodeId: "a" }, { type: "queued", nodeId: "b" });
      run.end("a", unavailable(1000));
      run.take({ type: "granted", nodeId: "b" });
    },
    around: { atMs: START + 1000 },
    reason: "under_way",
    nodes: { a: { kind: "slot", service: "s" }, b: running() },
    limits: [{ kind: "slot", service: "s", address: "far:1", limit: 1, held_by: ["b"] }],
    next: WATCH,
  },
  {
    what: "what is prepared, and no more for a retry that a cancel ended",
    graph: "a",
    workflow: { retry: RETRY },
    run: { abilities: RECOVERS },
    happens(run) {
      run.end("a", unavailable(60_000));
      run.cancel();
      run.resume();
    },
    reason: "preparing",
    nodes: { a: { kind: "preparing" } },
    next: WATCH,
  },
  {
    what: "a retry, also while what an earlier owner left is ended",
    graph: "a; b",
    workflow: { retry: RETRY },
    run: { abilities: RECOVERS },
    happens: failedAndResumed,
    reason: "preparing",
    nodes: {
      a: { kind: "retry", retry_at: at(60_000), attempt: 1, outcome: "failed", error: GONE },
      b: { kind: "preparing" },
    },
    next: WATCH,
  },
  {
    what: "a retry, also while its owner checks the services",
    graph: "a; b",
    workflow: { retry: RETRY },
    run: { preflight: true },
    inside: true,
    happens(run) {
      run.take({ type: "checked", findings: [] });
      failedAndResumed(run);
    },
    reason: "preflight",
    nodes: {
      a: { kind: "retry", retry_at: at(60_000), attempt: 1, outcome: "failed", error: GONE },
      b: { kind: "preflight" },
    },
    next: WATCH,
  },
  {
    what: "their turn, where their owner knows that they want no slot yet",
    graph: "a",
    workflow: { ...LIMITED, retry: RETRY },
    inside: true,
    happens: (run) => run.end("a", unavailable(1000)),
    around: { atMs: START + 1000 },
    reason: "under_way",
    nodes: { a: { kind: "due", retry_at: at(1000) } },
    next: WATCH,
  },
  {
    what: "nothing but themselves, where a failure does not stop the run",
    graph: "a; b > c",
    workflow: { onFailure: "continue" },
    happens: (run) => run.end("b", "failed"),
    reason: "under_way",
    nodes: { a: running() },
    cause: { kind: "node", node_id: "b", error: FAILURE },
    next: WATCH,
  },
  {
    what: "a retry, also while its owner knows that something is ended before",
    graph: "a; b",
    workflow: { retry: RETRY },
    run: { abilities: RECOVERS },
    inside: true,
    happens: failedAndResumed,
    reason: "sweep",
    nodes: {
      a: { kind: "retry", retry_at: at(60_000), attempt: 1, outcome: "failed", error: GONE },
      b: { kind: "sweep" },
    },
    next: WATCH,
  },
  {
    what: "what is prepared, once the retry of a resumed run is due",
    graph: "a",
    workflow: { retry: RETRY },
    run: { abilities: RECOVERS },
    around: { atMs: START + 60_000 },
    happens(run) {
      run.end("a", unavailable(60_000));
      run.begin(RESUMED);
    },
    reason: "preparing",
    nodes: { a: { kind: "preparing", retry_at: at(60_000) } },
    next: WATCH,
  },
  {
    what: "a retry alone, which is not due before",
    graph: "a",
    workflow: { retry: RETRY },
    run: { abilities: RECOVERS },
    around: { atMs: START + 59_999 },
    happens(run) {
      run.end("a", unavailable(60_000));
      run.begin(RESUMED);
    },
    reason: "under_way",
    nodes: { a: { kind: "retry", retry_at: at(60_000), attempt: 1, outcome: "failed", error: GONE } },
    next: WATCH,
  },
  {
    what: "a retry, while the journal takes nothing",
    graph: "a",
    workflow: { retry: RETRY },
    around: { stalled: STALLED },
    happens: (run) => run.end("a", unavailable(60_000)),
    reason: "stalled",
    nodes: { a: { kind: "retry", retry_at: at(60_000), attempt: 1, outcome: "failed", error: GONE } },
    next: WATCH,
  },
  {
    what: "an end that the run's total timeout brings, as its owner knows before it is recorded",
    graph: "a",
    workflow: { totalTimeoutMs: 1000 },
    inside: true,
    happens: (run) => run.stop(),
    reason: "run_timeout",
    nodes: { a: { ...running(), ending: "run_timeout" } },
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
    around: { stalled: STALLED },
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
    cause: { kind: "error", error: TOO_LONG },
    next: RESUME,
  },
  {
    what: "nothing: the run took too long, and has ended attempts for it alone",
    graph: "a",
    workflow: { totalTimeoutMs: 1000 },
    happens(run) {
      run.stop();
      run.end("a", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was ended" } });
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "error", error: TOO_LONG },
    next: RESUME,
  },
  {
    what: "nothing: a node failed before the run took too long",
    graph: "a; b",
    workflow: { totalTimeoutMs: 1000, onFailure: "continue" },
    happens(run) {
      run.end("a", "failed");
      run.stop();
      run.end("b", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was ended" } });
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "node", node_id: "a", error: FAILURE },
    next: RESUME,
  },
  {
    what: "its end, since a node's own total timeout is over, for all that is known",
    graph: "a; b",
    workflow: { totalTimeoutMs: 90_000, nodes: { a: { retry: RETRIES, totalTimeoutMs: 5000 } } },
    happens: outOfTime,
    reason: "stopping",
    nodes: { b: running() },
    cause: {
      kind: "node",
      node_id: "a",
      error: {
        ...GONE,
        message: `${GONE.message}; a could not be tried again within its total_timeout_seconds of 5 s`,
      },
    },
    next: "unpause run-1",
  },
  {
    what: "nothing: a node waited when the run took too long, as its end says",
    graph: "a; b",
    workflow: { totalTimeoutMs: 9000, nodes: { a: { retry: RETRIES, totalTimeoutMs: 90_000 } } },
    happens(run) {
      run.end("a", unavailable(1000));
      run.stop();
      run.end("b", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "it was ended" } });
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "error", error: { ...TOO_LONG, message: TOO_LONG.message.replace("1 s", "9 s") } },
    next: RESUME,
  },
  {
    what: "its end, since a node waited when the run took too long",
    graph: "a; b",
    workflow: { totalTimeoutMs: 9000, nodes: { a: { retry: RETRIES } } },
    happens(run) {
      run.end("a", unavailable(1000));
      run.stop();
    },
    reason: "run_timeout",
    nodes: { b: { ...running(), ending: "run_timeout" } },
    next: WATCH,
  },
  {
    what: "nothing: attempts that were found again failed after a preflight that did not matter any more",
    graph: "a",
    run: { abilities: RECOVERS, preflight: true },
    happens(run) {
      run.take({ type: "checked", findings: [] });
      run.resume();
      run.take({ type: "swept" }, { type: "checked", findings: [DOWN] });
      run.end("a", "failed");
    },
    reason: "ended",
    nodes: {},
    cause: { kind: "node", node_id: "a", error: FAILURE },
    next: RESUME,
  },
  {
    what: "nothing: a cancel came too late",
    graph: "a",
    happens(run) {
      run.cancel();
      run.end("a", "ok");
    },
    reason: "ended",
    nodes: {},
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
  for (const {
    what,
    graph,
    workflow,
    run,
    around,
    inside = false,
    happens,
    reason,
    nodes,
    limits = [],
    cause,
    next,
  } of CASES) {
    it(`says that nodes wait for ${what}`, () => {
      const made = createEngineRun(workflowOf(graph, workflow), run);
      happens?.(made);
      const { machine, state } = made;
      const known = inside ? { inside: lookInside(machine, state.lastSeq, QUEUED) ?? assert.fail() } : {};
      const told = explain(state, { atMs: START, owner: "drives", ...known, ...around });
      assert.equal(told.reason.kind, reason);
      const reasons = Object.fromEntries(told.nodes.map((node) => [node.id, node.reason]));
      assert.deepEqual(reasons, nodes);
      assert.deepEqual(told.limits, limits);
      assert.deepEqual(told.cause, cause);
      assert.equal(told.next, next);
      assert.deepEqual(JSON.parse(JSON.stringify(told)), told);
    });
  }

  it("says that a node is about to start where nothing is in its way", () => {
    const state = createRunState("run-1", workflowOf("a; b", { nodes: { b: { service: "s" } }, ...LIMITED }));
    for (const body of [
      { type: "run.created", definition_hash: "", params: {}, busbar_version: "" },
      { type: "run.started" },
    ] as const) {
      apply(state, { seq: state.lastSeq + 1, at: at(0), run_id: "run-1", epoch: 1, ...body });
    }
    const inside = { phase: "driving", queued: new Set<string>(), isTimedOut: false } as const;
    const kindsOf = (around: Partial<Surroundings>) =>
      explain(state, { atMs: START, owner: "drives", ...around }).nodes.map(({ reason }) => reason.kind);
    assert.deepEqual(kindsOf({}), ["slot", "slot"]);
    assert.deepEqual(kindsOf({ inside }), ["starting", "starting"]);
  });

  it("bounds an attempt by what its own owner has seen: a next one counts anew", () => {
    const run = createEngineRun(workflowOf("a", { nodes: { a: { totalTimeoutMs: 20_000 } } }));
    run.advance(15_000);
    run.end("a", "failed");
    run.resume();
    const { nodes } = explain(run.state, { atMs: START, owner: "drives" });
    assert.deepEqual(nodes[0]?.reason, { kind: "running", attempt: 2, since: at(15_000), until: at(35_000) });
  });

  it("takes the word of a machine only where it has decided no more than the events tell", () => {
    const { machine, state } = createEngineRun(workflowOf("a"), { preflight: true });
    assert.equal(lookInside(machine, state.lastSeq)?.phase, "preflight");
    assert.equal(lookInside(machine, state.lastSeq - 1), undefined);
    const run = createEngineRun(workflowOf("a; b", LIMITED), { ownSlots: true });
    run.take({ type: "granted", nodeId: "a" }, { type: "queued", nodeId: "b" });
    const inside = { phase: "driving", queued: new Set(["b"]), isTimedOut: false };
    assert.deepEqual(lookInside(run.machine, run.state.lastSeq), inside);
  });

  it("names the services that a preflight checks, and the nodes that call none, of those that have not settled", () => {
    const nodes = [call("a", "one"), container("b"), call("c", "two"), container("d"), call("e", "two")];
    const services = { one: "far:1", two: "far:2" };
    const workflow = createWorkflow("test", nodes, [], { services, maxParallel: 2 });
    const run = createEngineRun(workflow, { preflight: true });
    run.take({ type: "checked", findings: [] });
    run.end("a", "ok");
    run.end("b", "ok");
    run.end("c", "failed");
    run.end("d", "failed");
    run.resume();
    const told = explain(run.state, { atMs: START, owner: "drives" });
    const needed = { services: [{ name: "two", address: "far:2" }], nodes: ["d"] };
    assert.deepEqual(told.reason, { kind: "preparing", ...needed });
    assert.deepEqual(
      told.nodes.map(({ id, reason }) => [id, reason]),
      ["c", "d", "e"].map((id) => [id, { kind: "preparing" }]),
    );
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
