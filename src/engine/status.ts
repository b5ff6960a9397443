/** Every status of a run. */
export const RUN_STATUSES = ["pending", "running", "succeeded", "failed", "cancelled"] as const;
/** Where a run stands; the last three are terminal (E5). */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Every status of a node. */
export const NODE_STATUSES = ["pending", "running", "waiting", "succeeded", "failed", "skipped", "cancelled"] as const;
/** Where a node of a run stands; the last four are settled. */
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** How an attempt ended; `lost`: nobody recorded how (E4). */
export type AttemptOutcome = "succeeded" | "failed" | "timed_out" | "cancelled" | "lost";

export function isTerminalRun(status: RunStatus): status is "succeeded" | "failed" | "cancelled" {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** A settled node is one that nothing more happens to, short of a resume. */
export function isSettledNode(status: NodeStatus): status is "succeeded" | "failed" | "skipped" | "cancelled" {
  return status === "succeeded" || status === "failed" || status === "skipped" || status === "cancelled";
}

/** How many nodes have each status; every status is there. */
export type NodeCounts = { readonly [status in NodeStatus]: number };
