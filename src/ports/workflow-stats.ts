import type { RunListing } from "./runtime.ts";

/** Counts what became of the runs of workflows. */
export interface WorkflowStats {
  /** @throws BusbarError JOURNAL_… */
  of(workflow: string): Promise<WorkflowStatsView>;
}

/** What became of the runs of a workflow, whoever started them. */
export interface WorkflowStatsView {
  /** Of the last year, the oldest first; days on which nothing ended are left out. */
  readonly days: readonly DayOutcomes[];
  /** RFC 3339: what ended earlier is not counted yet. Absent once all is counted. */
  readonly counted_since?: string;
  /** The newest runs that have ended, 20 at most, the newest first. */
  readonly recent: readonly RecentRun[];
}

/** How many runs ended on a day. */
export interface DayOutcomes {
  /** In UTC: `2026-11-26`. */
  readonly day: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

export type RecentRun = Pick<RunListing, "run_id" | "status" | "created_at" | "ended_at" | "duration_ms">;
