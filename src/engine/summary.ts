import type { ErrorInfo } from "../kernel/errors.ts";
import type { NodeCounts, RunStatus } from "./status.ts";

/**
 * What lists show of a run: a cache, written in the same transaction as the
 * events by the same transitions. It can be rebuilt by folding (`busbar doctor`).
 */
export interface RunSummary {
  readonly workflow: string;
  readonly status: RunStatus;
  readonly created_at: string;
  readonly started_at?: string;
  /** Of the terminal event. */
  readonly ended_at?: string;
  readonly duration_ms?: number;
  /** True while the run is paused; left out otherwise. */
  readonly paused?: boolean;
  readonly counts: NodeCounts;
  /** Of the terminal event. */
  readonly error?: ErrorInfo;
}
