/** What is shown of a run, a node or an attempt; `interrupted`: a run that nobody drives. */
export type ShownStatus =
  | "pending"
  | "running"
  | "waiting"
  | "succeeded"
  | "failed"
  | "skipped"
  | "cancelled"
  | "interrupted"
  | "paused";

/** What is needed of a run to say how it stands. */
export interface Standing {
  readonly status: "pending" | "running" | "succeeded" | "failed" | "cancelled";
  readonly paused: boolean;
  readonly owner?: { readonly alive: boolean };
}

/** The one thing to show of a run: that nobody drives it matters more than that it is paused, and both more than its status. */
export function shownStatusOf(run: Standing): ShownStatus {
  if (isInterrupted(run)) return "interrupted";
  return run.paused ? "paused" : run.status;
}

/** Unfinished, and nobody drives it. */
export function isInterrupted({ status, owner }: Standing): boolean {
  return (status === "pending" || status === "running") && owner?.alive === false;
}
