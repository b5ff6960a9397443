import type { FirstCause } from "./explanation.ts";
import { isStopping } from "./plan.ts";
import type { RunState } from "./state.ts";

/** What began the failure or the cancellation of a run, since it was created or last resumed; undefined of one that does well. */
export function firstCause(state: RunState): FirstCause | undefined {
  const { status, cancel, error, findings, firstFailure } = state;
  if (status === "succeeded") return undefined;
  if (cancel !== undefined && status !== "failed") return { kind: "cancel", ...cancel };
  const errors = findings.filter(({ severity }) => severity === "error");
  // Attempts that were found again may have settled every node meanwhile: then the run ended as they say.
  if (errors.length > 0 && error?.code !== "RUN_NODE_FAILED") return { kind: "preflight", findings: errors };
  if (firstFailure !== undefined && !isRunTimedOut(state)) {
    return { kind: "node", node_id: firstFailure.nodeId, error: firstFailure.error };
  }
  return error === undefined ? undefined : { kind: "error", error };
}

/**
 * Whether the run's own total timeout has stopped it. No event says so before the run has ended, but what it does to
 * nodes is told by nothing else: it skips them where no failure does, and fails those that wait.
 */
export function isRunTimedOut(state: RunState): boolean {
  const { workflow, cancelRequested, firstFailure, byPosition } = state;
  if (workflow.totalTimeoutMs === undefined || cancelRequested !== undefined) return false;
  if (firstFailure !== undefined && firstFailure.error.code === "RUN_TIMED_OUT") return true;
  if (firstFailure !== undefined) {
    const failed = state.nodes.get(firstFailure.nodeId);
    const failedWhileItWaited = failed?.attempts.at(-1)?.retryAt !== undefined;
    return failedWhileItWaited && failed?.definition.totalTimeoutMs === undefined;
  }
  return !isStopping(state) && byPosition.some(({ skipReason }) => skipReason === "run_stopped");
}
