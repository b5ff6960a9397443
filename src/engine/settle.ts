import type { ErrorInfo } from "../kernel/errors.ts";
import { drawAt } from "../kernel/random.ts";
import { joinClauses } from "../kernel/sentences.ts";
import { cleanText } from "../kernel/text.ts";
import { timestampOf } from "../kernel/timestamp.ts";
import type { AttemptFailure, Lost, Outcome } from "./outcome.ts";
import { isStopping } from "./plan.ts";
import { retryWaitMs } from "./retry.ts";
import { type NodeState, outstandingAttempt, settledCount } from "./state.ts";
import { isSettledNode, isTerminalRun } from "./status.ts";
import { record, type Turn } from "./turn.ts";

/**
 * Records how an attempt ended, and all that follows from it at once (E8).
 *
 * @param durationMs  of the attempt
 * @param remainingMs what total timeouts leave for a wait and another attempt, 0 once the run's is over; undefined: no limit
 */
export function settleAttempt(
  turn: Turn,
  node: NodeState,
  outcome: Outcome | Lost,
  durationMs: number,
  remainingMs?: number,
): void {
  const { state } = turn;
  const attempt = outstandingAttempt(node)?.attempt;
  if (attempt === undefined) return;
  if (outcome.outcome === "succeeded") {
    record(turn, {
      type: "node.succeeded",
      node_id: node.id,
      attempt,
      output: outcome.output,
      duration_ms: durationMs,
    });
    return;
  }
  const wait = waitAfter(turn, node, outcome, remainingMs);
  const waitMs = wait === "no time" ? undefined : wait;
  record(turn, {
    type: "node.attempt_failed",
    node_id: node.id,
    attempt,
    outcome: outcome.outcome,
    error: outcome.error,
    duration_ms: durationMs,
    ...(waitMs === undefined ? {} : { retry_at: timestampOf(turn.facts.atMs + waitMs), retry_delay_ms: waitMs }),
  });
  if (waitMs !== undefined) return;
  if (wait === "no time") {
    giveUp(turn, node);
  } else if (state.cancelRequested && (outcome.outcome === "cancelled" || outcome.outcome === "lost")) {
    record(turn, { type: "node.cancelled", node_id: node.id, attempt });
  } else if (
    outcome.outcome !== "lost" ||
    node.definition.onLost === "fail" ||
    isStopping(state) ||
    remainingMs === 0
  ) {
    failNode(turn, node, outcome.error);
  } else {
    skipIfBlocked(turn, node);
  }
}

/**
 * Nobody can tell how the outstanding attempt ended, or it does not count any more (E4).
 *
 * @param timedOut set once the run's own total timeout is over: then nothing is made again
 */
export function loseAttempt(
  turn: Turn,
  node: NodeState,
  timedOut: ErrorInfo | undefined,
  message: string = `Busbar ended before the outcome of ${node.id} was recorded`,
): void {
  const lost = { outcome: "lost", error: { code: "NODE_LOST", message } } as const;
  settleAttempt(turn, node, lost, 0, timedOut === undefined ? undefined : 0);
}

/** Milliseconds before the next attempt; undefined if there is none, "no time" if only the node's total timeout is why. */
function waitAfter(
  { state, facts }: Turn,
  node: NodeState,
  failure: AttemptFailure | Lost,
  remainingMs: number | undefined,
): number | "no time" | undefined {
  if (failure.outcome === "lost" || failure.outcome === "cancelled") return undefined;
  if (state.cancelRequested || isStopping(state) || remainingMs === 0) return undefined;
  // The event that tells of the failure is the next one: no other draw is made for it.
  const random = drawAt(facts.seed, state.lastSeq + 1);
  const waitMs = retryWaitMs(node.definition.retry, node.failures + 1, failure, random);
  // A wait that a total timeout would cut short leads nowhere: better to say so now.
  return waitMs !== undefined && remainingMs !== undefined && waitMs >= remainingMs ? "no time" : waitMs;
}

/** The node's total timeout leaves no time to try it again: it fails with its last error, which says so as well. */
export function giveUp(turn: Turn, node: NodeState): void {
  const seconds = (node.definition.totalTimeoutMs ?? 0) / 1000;
  const message = `${node.id} could not be tried again within its total_timeout_seconds of ${seconds} s`;
  const last = node.error;
  if (last === undefined) failNode(turn, node, { code: "NODE_TOTAL_TIMED_OUT", message });
  // That one names the limit itself.
  else if (last.code === "NODE_TOTAL_TIMED_OUT") failNode(turn, node, last);
  else failNode(turn, node, { ...last, message: joinClauses([last.message, message]) });
}

/** The node fails, and with it whatever the failure decides: its dependents, or under `stop` the whole rest. */
export function failNode(turn: Turn, node: NodeState, error: ErrorInfo): void {
  const { state } = turn;
  const first = state.counts.failed === 0;
  record(turn, { type: "node.failed", node_id: node.id, error });
  skipDependents(turn, node);
  if (state.workflow.onFailure === "stop" && first) stopRun(turn);
}

/**
 * Nothing new starts: nodes between attempts fail with their last error, the rest
 * is skipped. Outstanding attempts run to their end.
 */
export function stopRun(turn: Turn): void {
  for (const node of turn.state.byPosition) {
    if (node.status !== "waiting") continue;
    record(turn, { type: "node.failed", node_id: node.id, error: node.error ?? STOPPED });
    skipDependents(turn, node);
  }
  skipPending(turn);
}

const STOPPED: ErrorInfo = { code: "RUN_NODE_FAILED", message: "the run stopped while the node waited" };

/** The run is to be cancelled: what waits is cancelled, what has not begun is skipped. */
export function cancelRun(turn: Turn, by: string, reason: string | undefined): void {
  record(turn, {
    type: "run.cancel_requested",
    by,
    ...(reason === undefined ? {} : { reason: cleanText(reason) }),
  });
  for (const node of turn.state.byPosition) {
    if (node.status === "waiting") record(turn, { type: "node.cancelled", node_id: node.id });
  }
  skipPending(turn);
}

function skipPending(turn: Turn): void {
  for (const node of turn.state.byPosition) {
    if (node.status === "pending") record(turn, { type: "node.skipped", node_id: node.id, reason: "run_stopped" });
  }
}

/** Join rule: what depends on a node that did not succeed is skipped, transitively, naming the first cause. */
function skipDependents(turn: Turn, from: NodeState): void {
  const { byPosition } = turn.state;
  const because = from.because ?? from.id;
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const position of next.downstream) {
      const dependent = byPosition[position];
      if (dependent?.status !== "pending") continue;
      record(turn, { type: "node.skipped", node_id: dependent.id, reason: "upstream", because });
      open.push(dependent);
    }
  }
}

/** A changed file may have put a node before one whose attempt was lost, and that node may have settled without success. */
function skipIfBlocked(turn: Turn, node: NodeState): void {
  const { byPosition } = turn.state;
  const cause = node.upstream
    .map((position) => byPosition[position])
    .find((one) => one !== undefined && isBlocking(one));
  if (cause === undefined) return;
  record(turn, { type: "node.skipped", node_id: node.id, reason: "upstream", because: cause.because ?? cause.id });
  skipDependents(turn, node);
}

function isBlocking({ status }: NodeState): boolean {
  return isSettledNode(status) && status !== "succeeded";
}

/**
 * Ends the run if every node has settled.
 *
 * @param durationMs since the run was created or last resumed
 * @param timedOut   why the run failed, if its own total timeout ended it
 */
export function endIfSettled(turn: Turn, durationMs: number, timedOut?: ErrorInfo): void {
  const { state } = turn;
  if (isTerminalRun(state.status) || settledCount(state) < state.byPosition.length) return;
  const duration_ms = durationMs;
  if (state.counts.succeeded === state.byPosition.length) record(turn, { type: "run.succeeded", duration_ms });
  else if (state.cancelRequested) record(turn, { type: "run.cancelled", duration_ms, error: CANCELLED });
  else record(turn, { type: "run.failed", duration_ms, error: timedOut ?? failureOf(turn) });
}

const CANCELLED: ErrorInfo = { code: "RUN_CANCELLED", message: "the run was cancelled" };

function failureOf({ state }: Turn): ErrorInfo {
  const first = state.firstFailure;
  if (first === undefined) return { code: "RUN_NODE_FAILED", message: "not every node succeeded" };
  const others = state.counts.failed - 1;
  const more = others > 0 ? ` (and ${others} more ${others === 1 ? "node" : "nodes"} failed)` : "";
  return {
    code: "RUN_NODE_FAILED",
    message: `${first.nodeId} failed: ${first.error.code}: ${first.error.message}${more}`,
  };
}
