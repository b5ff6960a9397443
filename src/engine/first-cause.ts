import type { FirstCause } from "./explanation.ts";
import type { RunState } from "./state.ts";

/** What began the failure or the cancellation of a run, since it was created or last resumed; undefined of one that does well. */
export function firstCause(state: RunState): FirstCause | undefined {
  const { status, cancel, error, findings, firstFailure } = state;
  if (status === "succeeded") return undefined;
  if (cancel !== undefined) return { kind: "cancel", ...cancel };
  const errors = findings.filter(({ severity }) => severity === "error");
  // Attempts that were found again may have settled every node meanwhile: then the run ended as they say.
  if (errors.length > 0 && error?.code !== "RUN_NODE_FAILED") return { kind: "preflight", findings: errors };
  if (firstFailure !== undefined && !isRunTimedOut(state)) {
    return { kind: "node", node_id: firstFailure.nodeId, error: firstFailure.error };
  }
  return error === undefined ? undefined : { kind: "error", error };
}

/**
 * Whether the run's own total timeout has stopped it, where no cancel does. No event says so before the run has ended,
 * but nothing else does to nodes what it does: it skips them where no failure has, and fails those that wait.
 */
export function isRunTimedOut({ error, nodes, byPosition, firstFailure }: RunState): boolean {
  if (firstFailure === undefined) return byPosition.some(({ skipReason }) => skipReason === "run_stopped");
  if (firstFailure.error.code === "RUN_TIMED_OUT") return true;
  const failed = nodes.get(firstFailure.nodeId);
  if (failed?.attempts.at(-1)?.retryAt === undefined) return false;
  // It may have been the node's own total timeout, until the run's end says that it was not.
  return failed.definition.totalTimeoutMs === undefined || error?.code === "RUN_TIMED_OUT";
}
