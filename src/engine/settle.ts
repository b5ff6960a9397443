import type { ErrorInfo } from "../kernel/errors.ts";
import { cleanText } from "../kernel/text.ts";
import type { EventBody } from "./events.ts";
import type { AttemptFailure, Lost, Outcome } from "./outcome.ts";
import { isStopping } from "./plan.ts";
import { retryWaitMs } from "./retry.ts";
import { type NodeState, outstandingAttempt, type RunState, settledCount } from "./state.ts";
import { isTerminalRun } from "./status.ts";

/** Records an event and applies it, so that the next decision sees it. All of one call is one append. */
export type Emit = (event: EventBody) => void;

/** What the driver read off its clocks and its dice when an attempt ended. */
export interface Circumstances {
  readonly durationMs: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** What total timeouts leave for a wait and another attempt; absent: no limit. */
  readonly remainingMs?: number;
}

/** Records how an attempt ended, and all that follows from it at once (E8). */
export function settleAttempt(
  state: RunState,
  node: NodeState,
  outcome: Outcome | Lost,
  circumstances: Circumstances,
  emit: Emit,
): void {
  const attempt = outstandingAttempt(node)?.attempt;
  if (attempt === undefined) return;
  const { durationMs } = circumstances;
  if (outcome.outcome === "succeeded") {
    emit({ type: "node.succeeded", node_id: node.id, attempt, output: outcome.output, duration_ms: durationMs });
    return;
  }
  const retry = retryOf(state, node, outcome, circumstances);
  emit({
    type: "node.attempt_failed",
    node_id: node.id,
    attempt,
    outcome: outcome.outcome,
    error: outcome.error,
    duration_ms: durationMs,
    ...(retry === undefined
      ? {}
      : { retry_at: new Date(circumstances.now + retry).toISOString(), retry_delay_ms: retry }),
  });
  if (retry !== undefined) return;
  if (state.cancelRequested && (outcome.outcome === "cancelled" || outcome.outcome === "lost")) {
    emit({ type: "node.cancelled", node_id: node.id, attempt });
  } else if (outcome.outcome !== "lost" || node.definition?.onLost === "fail" || isStopping(state)) {
    failNode(state, node, outcome.error, emit);
  }
}

/** The wait before the next attempt, or undefined if there is none. */
function retryOf(
  state: RunState,
  node: NodeState,
  failure: AttemptFailure | Lost,
  { random, remainingMs }: Circumstances,
): number | undefined {
  if (failure.outcome === "lost" || failure.outcome === "cancelled" || node.definition === undefined) return undefined;
  if (state.cancelRequested || isStopping(state)) return undefined;
  const wait = retryWaitMs(node.definition.retry, node.failures + 1, failure, random);
  // A wait that a total timeout would cut short leads nowhere: better to say so now.
  return wait !== undefined && remainingMs !== undefined && wait >= remainingMs ? undefined : wait;
}

/** The node fails, and with it whatever the failure decides: its dependents, or under `stop` the whole rest. */
export function failNode(state: RunState, node: NodeState, error: ErrorInfo, emit: Emit): void {
  const first = state.counts.failed === 0;
  emit({ type: "node.failed", node_id: node.id, error });
  skipDependents(state, node, emit);
  if (state.workflow.onFailure === "stop" && first) stopRun(state, emit);
}

/**
 * Nothing new starts: nodes between attempts fail with their last error, the rest
 * is skipped. Outstanding attempts run to their end.
 */
export function stopRun(state: RunState, emit: Emit): void {
  for (const node of state.byPosition) {
    if (node.status !== "waiting") continue;
    emit({ type: "node.failed", node_id: node.id, error: node.error ?? STOPPED });
    skipDependents(state, node, emit);
  }
  skipPending(state, emit);
}

const STOPPED: ErrorInfo = { code: "RUN_NODE_FAILED", message: "the run stopped while the node waited" };

/** The run is to be cancelled: what waits is cancelled, what has not begun is skipped. */
export function cancelRun(state: RunState, by: string, reason: string | undefined, emit: Emit): void {
  emit({ type: "run.cancel_requested", by, ...(reason === undefined ? {} : { reason: cleanText(reason) }) });
  for (const node of state.byPosition) {
    if (node.status === "waiting") emit({ type: "node.cancelled", node_id: node.id });
  }
  skipPending(state, emit);
}

function skipPending(state: RunState, emit: Emit): void {
  for (const node of state.byPosition) {
    if (node.status === "pending") emit({ type: "node.skipped", node_id: node.id, reason: "run_stopped" });
  }
}

/** Join rule: what depends on a node that did not succeed is skipped, transitively, naming the first cause. */
function skipDependents(state: RunState, cause: NodeState, emit: Emit): void {
  const { downstream } = state.workflow.graph;
  const open = [cause.position];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const position of downstream[next] ?? []) {
      const dependent = state.byPosition[position];
      if (dependent?.status !== "pending") continue;
      emit({ type: "node.skipped", node_id: dependent.id, reason: "upstream", because: cause.id });
      open.push(position);
    }
  }
}

/**
 * Ends the run if every node has settled.
 *
 * @param timedOut why the run failed, if its own total timeout ended it
 */
export function endIfSettled(state: RunState, durationMs: number, emit: Emit, timedOut?: ErrorInfo): void {
  if (isTerminalRun(state.status) || settledCount(state) < state.byPosition.length) return;
  if (state.counts.succeeded === state.byPosition.length) emit({ type: "run.succeeded", duration_ms: durationMs });
  else if (state.cancelRequested) emit({ type: "run.cancelled", duration_ms: durationMs, error: cancelledError() });
  else emit({ type: "run.failed", duration_ms: durationMs, error: timedOut ?? failureOf(state) });
}

function cancelledError(): ErrorInfo {
  return { code: "RUN_CANCELLED", message: "the run was cancelled" };
}

function failureOf(state: RunState): ErrorInfo {
  const first = state.firstFailure;
  if (first === undefined) return { code: "RUN_NODE_FAILED", message: "not every node succeeded" };
  const others = state.counts.failed - 1;
  const more = others > 0 ? ` (and ${others} more ${others === 1 ? "node" : "nodes"} failed)` : "";
  return {
    code: "RUN_NODE_FAILED",
    message: `${first.nodeId} failed: ${first.error.code}: ${first.error.message}${more}`,
  };
}
