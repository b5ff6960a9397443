import type { EventLoopDelay } from "./metrics.ts";

/** The process of a server, and the state directory that it serves; in the API too, hence snake_case. */
export interface SystemView {
  /** Of Busbar. */
  readonly version: string;
  readonly node_version: string;
  readonly pid: number;
  readonly host: string;
  /** RFC 3339. */
  readonly started_at: string;
  readonly uptime_s: number;
  /** Files of the journal on the disk. */
  readonly journal_bytes: number;
  /** What is kept of runs that the server started; without a limit where one is left out. */
  readonly retention: RetentionView;
  /** Runs that go on here, and that wait for their turn. */
  readonly runs: { readonly running: number; readonly waiting: number; readonly max_runs?: number };
  /** What drives the runs, where that is not this process. */
  readonly cluster?: ClusterView;
  /** Of the last seconds. */
  readonly event_loop_delay: EventLoopDelay;
  /** Resident. */
  readonly memory_bytes: number;
}

/** A cluster on Restate, as a server of its runs sees it. */
export interface ClusterView {
  /** Addresses of Restate. */
  readonly ingress: string;
  readonly admin: string;
  /** Of Restate; left out while it cannot be reached. */
  readonly version?: string;
  /** Addresses at which it knows workers; left out while it cannot be reached. */
  readonly workers?: readonly string[];
}

/** Limits beyond which runs that have ended are deleted, the oldest first. */
export interface RetentionView {
  /** Since the end of a run. */
  readonly max_age_ms?: number;
  readonly max_runs?: number;
  /** In journal and logs. */
  readonly max_bytes?: number;
}

/** Says how a server is. */
export type ReadSystem = () => Promise<SystemView>;
