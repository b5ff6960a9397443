import type { ErrorInfo } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import type { ParamValues } from "../workflow/model/param.ts";
import type { Workflow, WorkflowNode } from "../workflow/workflow.ts";
import type { NodeSkipped } from "./events.ts";
import type { Finding } from "./finding.ts";
import { createReadyQueue, type ReadyQueue } from "./ready-queue.ts";
import type { AttemptOutcome, NodeStatus, RunStatus } from "./status.ts";
import type { RunSummary } from "./summary.ts";

/**
 * A run as its events tell it: the fold of its history. The driver owns it and
 * changes it in place through `apply` (transitions.ts); to everyone else it is
 * readonly.
 */
export interface RunState {
  runId: string;
  /** Bound: references are filled in. */
  workflow: Workflow;
  status: RunStatus;
  params: ParamValues;
  /** The run that this one repeats. */
  source?: string | undefined;
  epoch: number;
  lastSeq: number;
  createdAt: string;
  startedAt?: string | undefined;
  endedAt?: string | undefined;
  durationMs?: number | undefined;
  error?: ErrorInfo | undefined;
  /** `seq` of the cancel request that stands, if one does. */
  cancelRequested: number | undefined;
  /** Who asked for that, and why. */
  cancel: { readonly by: string; readonly reason?: string } | undefined;
  /** `seq` of the `run.paused` that stands, if one does: then no attempt starts. */
  paused: number | undefined;
  /** What preflight found since the run was created or last resumed. */
  findings: readonly Finding[];
  /**
   * Of those that nobody asked for: how often the run was taken up since an attempt had an outcome, as far as something
   * was at work then. `isIdle`: the last of them has had nothing at work yet.
   */
  recoveries: { readonly inVain: number; readonly isIdle: boolean };
  /** The first `node.failed` since the run was created or resumed. */
  firstFailure?: { readonly nodeId: string; readonly error: ErrorInfo } | undefined;
  /** Nodes that a changed file has no more: a later one may bring them back, and then they go on counting. */
  readonly dropped: Map<string, NodeState>;
  /** In file order. */
  readonly nodes: Map<string, NodeState>;
  /** The same nodes by position. */
  readonly byPosition: NodeState[];
  readonly counts: { [status in NodeStatus]: number };
  ready: ReadyQueue;
}

export interface NodeState {
  readonly id: string;
  readonly position: number;
  readonly definition: WorkflowNode;
  /** Positions of the nodes it waits for. */
  readonly upstream: readonly number[];
  /** Positions of the nodes that wait for it. */
  readonly downstream: readonly number[];
  status: NodeStatus;
  /** From 1; one more each time a resume resets the node. */
  round: number;
  /** Recorded failures in this round; lost attempts do not count. */
  failures: number;
  /** While it waits: the wait is over, and it may start. */
  due: boolean;
  /** Upstream nodes that have not succeeded. */
  unsettledUpstream: number;
  readonly attempts: AttemptRecord[];
  request?: Json | undefined;
  output?: Json | undefined;
  /** The run whose output it is, where it is another's: then it has no attempts here. */
  reusedFrom?: string | undefined;
  /** Of the last failed attempt, until the node succeeds or is reset. */
  error?: ErrorInfo | undefined;
  skipReason?: NodeSkipped["reason"] | undefined;
  because?: string | undefined;
}

export interface AttemptRecord {
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly startedAt: string;
  /** Of the owner that made it. */
  readonly epoch: number;
  /** Undefined while it is outstanding. */
  outcome?: AttemptOutcome | undefined;
  durationMs?: number | undefined;
  error?: ErrorInfo | undefined;
  retryAt?: string | undefined;
  retryDelayMs?: number | undefined;
}

export const NO_RECOVERIES: RunState["recoveries"] = { inVain: 0, isIdle: false };

/** The state before the first event. */
export function createRunState(runId: string, workflow: Workflow): RunState {
  const state: RunState = {
    runId,
    workflow,
    status: "pending",
    params: {},
    epoch: 0,
    lastSeq: 0,
    createdAt: "",
    cancelRequested: undefined,
    paused: undefined,
    cancel: undefined,
    findings: [],
    recoveries: NO_RECOVERIES,
    dropped: new Map(),
    nodes: new Map(),
    byPosition: [],
    counts: { pending: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
    ready: createReadyQueue(),
  };
  layNodes(state, new Map());
  return state;
}

/**
 * Puts a changed workflow under a run (`resume --file`). Nodes that the new file
 * has keep what happened to them; nodes that it has no more are put aside.
 */
export function rebase(state: RunState, workflow: Workflow): void {
  const before = new Map([...state.dropped, ...state.nodes]);
  state.workflow = workflow;
  state.nodes.clear();
  state.byPosition.length = 0;
  for (const status of Object.keys(state.counts) as NodeStatus[]) state.counts[status] = 0;
  state.ready = createReadyQueue();
  layNodes(state, before);
  state.dropped.clear();
  for (const [id, node] of before) if (!state.nodes.has(id)) state.dropped.set(id, node);
}

function layNodes(state: RunState, before: ReadonlyMap<string, NodeState>): void {
  for (const definition of state.workflow.nodes) {
    addNode(state, definition, before.get(definition.id));
  }
  for (const node of state.byPosition) {
    let unsettled = 0;
    for (const position of node.upstream) {
      if (state.byPosition[position]?.status !== "succeeded") unsettled += 1;
    }
    node.unsettledUpstream = unsettled;
    if (unsettled === 0 && node.status === "pending") state.ready.push(node.position);
  }
}

function addNode(state: RunState, definition: WorkflowNode, before: NodeState | undefined): void {
  const { id } = definition;
  const { graph } = state.workflow;
  const position = state.byPosition.length;
  // Edges belong to the state, not to the file alone: who plans and settles asks no graph.
  const upstream = graph.upstream[position] ?? NO_EDGES;
  const downstream = graph.downstream[position] ?? NO_EDGES;
  const node: NodeState =
    before === undefined
      ? {
          id,
          position,
          definition,
          upstream,
          downstream,
          status: "pending",
          round: 1,
          failures: 0,
          due: false,
          unsettledUpstream: 0,
          attempts: [],
        }
      : { ...before, position, definition, upstream, downstream };
  state.nodes.set(id, node);
  state.byPosition.push(node);
  state.counts[node.status] += 1;
}

const NO_EDGES: readonly number[] = [];

/** The attempt that is outstanding, if one is. */
export function outstandingAttempt(node: NodeState): AttemptRecord | undefined {
  const last = node.attempts.at(-1);
  return last !== undefined && last.outcome === undefined ? last : undefined;
}

/** How many nodes nothing more happens to, short of a resume. */
export function settledCount(state: RunState): number {
  const { succeeded, failed, skipped, cancelled } = state.counts;
  return succeeded + failed + skipped + cancelled;
}

/** What lists show of the run. */
export function summarize(state: RunState): RunSummary {
  return {
    workflow: state.workflow.name,
    status: state.status,
    created_at: state.createdAt,
    ...(state.startedAt === undefined ? {} : { started_at: state.startedAt }),
    ...(state.endedAt === undefined ? {} : { ended_at: state.endedAt }),
    ...(state.durationMs === undefined ? {} : { duration_ms: state.durationMs }),
    ...(state.paused === undefined ? {} : { paused: true }),
    counts: { ...state.counts },
    ...(state.error === undefined ? {} : { error: state.error }),
  };
}
