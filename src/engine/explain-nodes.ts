import type { ErrorInfo } from "../kernel/errors.ts";
import { parseTimestamp, timestampOf } from "../kernel/timestamp.ts";
import { serviceOf } from "../workflow/node.ts";
import type { Ending, Limit, NodeExplanation, NodeReason, RunReason } from "./explanation.ts";
import type { Inside } from "./inside.ts";
import { createReachedLimits, limitedService } from "./reached-limits.ts";
import { type AttemptRecord, type NodeState, outstandingAttempt, type RunState } from "./state.ts";
import { type AttemptOutcome, isSettledNode } from "./status.ts";

export interface ExplainedNodes {
  readonly nodes: readonly NodeExplanation[];
  readonly limits: readonly Limit[];
}

/** What a run's nodes wait for goes on to run down, though something holds up the run. */
const WAITS_GO_ON: ReadonlySet<RunReason["kind"]> = new Set([
  "under_way",
  "preparing",
  "queued",
  "sweep",
  "preflight",
  "stalled",
]);

/**
 * Why each node that has not settled stands where it stands. What would hold it back in any case comes first: a node
 * before it, then what holds up the whole run, then a wait, then limits.
 */
export function explainNodes(
  state: RunState,
  run: RunReason,
  { atMs, inside }: { readonly atMs: number; readonly inside?: Inside },
): ExplainedNodes {
  const limits = createReachedLimits(state);
  const nodes = state.byPosition.flatMap((node) =>
    isSettledNode(node.status) ? [] : [{ id: node.id, reason: reasonOf(node) }],
  );
  return { nodes, limits: limits.used() };

  function reasonOf(node: NodeState): NodeReason {
    if (run.kind === "ended") return { kind: "ended" };
    const attempt = outstandingAttempt(node);
    if (attempt !== undefined) return reasonOfOutstanding(node, attempt);
    if (node.unsettledUpstream > 0) return waitsForUpstream(state, node);
    const wait = waitOf(node);
    const goesOn = wait !== undefined && WAITS_GO_ON.has(run.kind) && atMs < parseTimestamp(wait.retry_at);
    return goesOn ? { kind: "retry", ...wait } : reasonToStay(node, wait?.retry_at);
  }

  function reasonOfOutstanding(node: NodeState, made: AttemptRecord): NodeReason {
    const { attempt, startedAt: since, epoch } = made;
    if (run.kind === "interrupted" || run.kind === "left") return { kind: run.kind, attempt };
    const why = endingOf(state, run, node, made);
    const ending = why === undefined ? {} : { ending: why };
    if (epoch !== state.epoch) return { kind: "recovery", attempt, since, ...ending };
    return { kind: "running", attempt, since, until: deadlineOf(state, node, since), ...ending };
  }

  /** Nothing of the node's own keeps it. */
  function reasonToStay(node: NodeState, retryAt: string | undefined): NodeReason {
    const retry = retryAt === undefined ? {} : { retry_at: retryAt };
    if (run.kind !== "under_way" && run.kind !== "preparing") return { kind: run.kind, ...retry };
    if (limits.isFull()) return { kind: "max_parallel" };
    const limited = limitedService(serviceOf(state.workflow, node.definition));
    // What may be held by other runs, where nobody knows.
    const maybe = limited === undefined || inside !== undefined ? {} : { service: limited.name };
    if (limited !== undefined) {
      const isQueued = inside?.queued.has(node.id) ?? (run.kind === "under_way" && retryAt === undefined);
      if (isQueued || limits.isFullOf(limited)) {
        limits.use(limited);
        return { kind: "slot", service: limited.name };
      }
    }
    if (run.kind === "preparing") return { kind: "preparing", ...retry, ...maybe };
    return retryAt === undefined ? { kind: "starting" } : { kind: "due", retry_at: retryAt, ...maybe };
  }
}

interface Wait {
  readonly retry_at: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly error: ErrorInfo;
}

/** What a node between attempts waits for, and after what. */
export function waitOf({ status, attempts }: NodeState): Wait | undefined {
  const { attempt = 0, outcome, error, retryAt } = attempts.at(-1) ?? {};
  if (status !== "waiting" || outcome === undefined || error === undefined || retryAt === undefined) return undefined;
  return { retry_at: retryAt, attempt, outcome, error };
}

function waitsForUpstream({ byPosition }: RunState, { upstream }: NodeState): NodeReason {
  const waits_for = upstream.flatMap((position) => {
    const node = byPosition[position];
    return node === undefined || node.status === "succeeded" ? [] : [node.id];
  });
  return { kind: "upstream", waits_for };
}

function endingOf(
  { runId }: RunState,
  run: RunReason,
  { id, round }: NodeState,
  { idempotencyKey }: AttemptRecord,
): Ending | undefined {
  if (run.kind === "cancelling") return "cancel";
  if (run.kind === "run_timeout") return "run_timeout";
  // It was made in a round that is over.
  return idempotencyKey === `${runId}/${id}/${round}` ? undefined : "changed";
}

/**
 * When an attempt of this owner ends at the latest: by its own timeout, or by what the node's total one has left, of
 * which attempts and waits before it have taken at least so much. By durations: the wall clock may have been set.
 */
function deadlineOf({ epoch }: RunState, { definition, attempts }: NodeState, startedAt: string): string {
  const { timeoutMs, totalTimeoutMs = Number.POSITIVE_INFINITY } = definition;
  const takenMs = attempts.reduce(
    (sum, { epoch: by, durationMs = 0, retryDelayMs = 0 }) => (by === epoch ? sum + durationMs + retryDelayMs : sum),
    0,
  );
  return timestampOf(parseTimestamp(startedAt) + Math.min(timeoutMs, totalTimeoutMs - takenMs));
}
