// A node in few words: where it stands, and what it took.
import type { NodeState, RunState } from "../../src/engine/state.ts";
import { formatDuration } from "../../src/kernel/durations.ts";
import { isNotCalled } from "./not-called.ts";

/**
 * `succeeded, 84 ms`, `succeeded, attempt 2`, `failed, 4 attempts`, `running, attempt 2`; `succeeded, kept` where the
 * output is another run's, `not called` where the run has ended.
 */
export function nodeWords({ status, attempts, reusedFrom }: NodeState, run: Pick<RunState, "status">): string {
  const last = attempts.at(-1);
  switch (status) {
    case "succeeded":
      if (reusedFrom !== undefined) return "succeeded, kept";
      // That it did not go well at once is more than how long it took.
      if (attempts.length > 1) return `${status}, attempt ${attempts.length}`;
      return last?.durationMs === undefined ? status : `${status}, ${formatDuration(last.durationMs)}`;
    case "failed":
      return attempts.length > 1 ? `${status}, ${attempts.length} attempts` : status;
    case "running":
    case "waiting":
      return attempts.length > 1 ? `${status}, attempt ${attempts.length}` : status;
    default:
      return isNotCalled(status, run) ? "not called" : status;
  }
}

/** The failed node after this one in the order of the file, and from the last one the first again. */
export function nextFailed(nodes: readonly NodeState[], after: string | undefined): string | undefined {
  const failed = nodes.filter(({ status }) => status === "failed");
  const from = nodes.findIndex(({ id }) => id === after);
  return (failed.find(({ position }) => position > from) ?? failed[0])?.id;
}
