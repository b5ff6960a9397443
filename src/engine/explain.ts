import type { ErrorInfo } from "../kernel/errors.ts";
import { parseTimestamp } from "../kernel/timestamp.ts";
import { needsOf } from "../workflow/node.ts";
import { calledAgain } from "./called-again.ts";
import { explainNodes, waitOf } from "./explain-nodes.ts";
import type { Explanation, NeededToRun, RunReason } from "./explanation.ts";
import { firstCause, isRunTimedOut } from "./first-cause.ts";
import type { Inside } from "./inside.ts";
import { isStopping } from "./plan.ts";
import { isInVain } from "./recovery.ts";
import type { NodeState, RunState } from "./state.ts";
import { isSettledNode, isTerminalRun, type RunStatus } from "./status.ts";

/** What is known of a run beside its events. */
export interface Surroundings {
  /** Wall clock, milliseconds since 1970. */
  readonly atMs: number;
  /** `gone`: its process is dead. `left`: its process lives and has let go of the run, where that is known. */
  readonly owner: "drives" | "gone" | "left";
  /** Since when its journal takes nothing, and why, where that is known. */
  readonly stalled?: { readonly since: string; readonly error: ErrorInfo };
  /** Whether its owner may let it wait until it may go on beside others, where that is not known. */
  readonly mayQueue?: boolean;
  /** Where the run is driven in this process, and its machine has decided no more than the events tell. */
  readonly inside?: Inside;
}

/**
 * Why a run stands where it stands: a reason for every node that has not settled, what began a failure, why nodes
 * were called again, what to do next. Pure; all of it is true as of the last event, whoever asks.
 */
export function explain(state: RunState, around: Surroundings): Explanation {
  const reason = explainRun(state, around);
  const { nodes, limits } = explainNodes(state, reason, around);
  const cause = firstCause(state);
  const next = nextStep({
    status: state.status,
    isInterrupted: around.owner !== "drives",
    paused: state.paused !== undefined,
  });
  return {
    reason,
    nodes,
    limits,
    ...(cause === undefined ? {} : { cause }),
    called_again: calledAgain(state),
    ...(next === undefined ? {} : { next: `${next} ${state.runId}` }),
  };
}

/** The command that helps a run on, or shows how it goes; undefined where nothing is to be done. */
export function nextStep(run: {
  readonly status: RunStatus;
  readonly isInterrupted: boolean;
  readonly paused?: boolean;
}): "resume" | "unpause" | "watch" | undefined {
  if (run.status === "succeeded") return undefined;
  if (isTerminalRun(run.status) || run.isInterrupted) return "resume";
  return run.paused === true ? "unpause" : "watch";
}

function explainRun(state: RunState, { owner, stalled, inside, atMs, mayQueue }: Surroundings): RunReason {
  if (isTerminalRun(state.status)) return { kind: "ended" };
  if (owner === "left") return { kind: "left" };
  if (owner === "gone") {
    return { kind: "interrupted", ...(isInVain(state) ? { recoveries: state.recoveries.inVain } : {}) };
  }
  if (stalled !== undefined) return { kind: "stalled", ...stalled };
  if (state.cancel !== undefined) return { kind: "cancelling", ...state.cancel };
  if (inside?.isTimedOut === true || isRunTimedOut(state)) return { kind: "run_timeout" };
  const { firstFailure } = state;
  if (firstFailure !== undefined && isStopping(state)) return { kind: "stopping", node_id: firstFailure.nodeId };
  if (state.findings.some(({ severity }) => severity === "error")) return { kind: "refused" };
  if (state.paused !== undefined) return { kind: "paused" };
  if (inside?.phase === "sweep") return { kind: "sweep" };
  if (inside?.queue !== undefined) return { kind: "queued", ...inside.queue };
  const mayBeQueued = mayQueue === true && state.status === "pending";
  if (inside === undefined && (mayBeQueued || isPreparing(state, atMs)))
    return { kind: "preparing", ...neededToRun(state) };
  // Without a preflight, run.started stands in the append that creates the run.
  const isChecking = inside === undefined ? state.status === "pending" : inside.phase === "preflight";
  return isChecking ? { kind: "preflight", ...neededToRun(state) } : { kind: "under_way" };
}

/**
 * Whether the owner that took the run over may not have begun to drive: it has called nothing, and something could
 * start. Had it begun, that would have been started in the same append.
 */
function isPreparing({ epoch, findings, byPosition, counts, workflow }: RunState, atMs: number): boolean {
  if (epoch === 1 || findings.length > 0 || counts.running >= workflow.maxParallel) return false;
  const hasCalled = byPosition.some(({ attempts }) => attempts.some((one) => one.epoch === epoch));
  return !hasCalled && byPosition.some((node) => couldStart(node, atMs));
}

function couldStart(node: NodeState, atMs: number): boolean {
  const wait = waitOf(node);
  if (wait !== undefined) return parseTimestamp(wait.retry_at) <= atMs;
  return node.status === "pending" && node.unsettledUpstream === 0;
}

function neededToRun({ workflow, byPosition }: RunState): NeededToRun {
  const unsettled = byPosition.flatMap(({ status, definition }) => (isSettledNode(status) ? [] : [definition]));
  const { services, others } = needsOf(workflow, unsettled);
  return {
    services: services.map(({ name, address }) => ({ name, address: String(address) })),
    nodes: others.map(({ id }) => id),
  };
}
