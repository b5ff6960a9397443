import type { ErrorInfo } from "../kernel/errors.ts";
import type { Finding } from "./finding.ts";
import type { AttemptOutcome } from "./status.ts";

/**
 * Why a run stands where it stands, as data (semantics.md, "Why not"); JSON, hence snake_case. It follows from the
 * run's events, from what is known of its owner, and from the time of day.
 */
export interface Explanation {
  readonly reason: RunReason;
  /** Of every node that has not settled, in file order. */
  readonly nodes: readonly NodeExplanation[];
  /** The limits that nodes wait for, and who holds what they grant. */
  readonly limits: readonly Limit[];
  /** What began the failure or the cancellation, not what followed from it. */
  readonly cause?: FirstCause;
  /** Every attempt but the first of a node, and what made it necessary. */
  readonly called_again: readonly CalledAgain[];
  /** What to do next, as the words after `busbar`: `resume RUN`. Absent where nothing is to be done. */
  readonly next?: string;
}

/**
 * - `ended`: its status says how.
 * - `interrupted`: nobody drives it; its owner is gone. `recoveries`: so often it was taken up on nobody's word, with
 *   something at work each time and no outcome since; nobody takes it up any more unless asked to.
 * - `left`: nobody drives it; its owner lives and has let go of it. Known only where that is.
 * - `stalled`: its journal takes nothing for now; known only where the owner is.
 * - `cancelling`, `run_timeout`: what is outstanding is being ended, for a cancel or the run's own total timeout.
 * - `stopping`: `node_id` failed under `on_failure: stop`; outstanding attempts run to their end.
 * - `refused`: preflight failed; attempts of an earlier owner that were found again run to their end first.
 * - `paused`: no attempt starts until it is unpaused.
 * - `preflight`: what its nodes need is being checked: the services that they call, and what those need that call none.
 * - `sweep`: what an earlier owner left at work is being ended. Known only where the owner is.
 * - `queued`: it waits until it may go on beside other runs of its server. Known only where the owner is.
 * - `preparing`: it was resumed, or started by a server, and has called nothing since: what an earlier owner left is being
 *   ended, it waits until it may go on beside other runs, or what its nodes need is being checked. Which of them, only
 *   the owner knows.
 * - `under_way`: it is being driven, and nothing holds up the whole of it.
 */
export type RunReason =
  | { readonly kind: "interrupted"; readonly recoveries?: number }
  | { readonly kind: "ended" | "left" | "run_timeout" | "refused" | "paused" | "sweep" | "under_way" }
  | { readonly kind: "stalled"; readonly since: string; readonly error: ErrorInfo }
  | { readonly kind: "cancelling"; readonly by: string; readonly reason?: string }
  | { readonly kind: "stopping"; readonly node_id: string }
  | ({ readonly kind: "queued" } & QueueWait)
  | ({ readonly kind: "preflight" | "preparing" } & NeededToRun);

/** What a run waits for that may not go on beside others yet. */
export interface QueueWait {
  /** Runs that go on before it, of those that wait for the same. */
  readonly ahead: number;
  /** What is full: what the server takes on at once, or what the workflow's file says of its own runs (`concurrency`). */
  readonly limit: "server" | "concurrency";
  readonly max_runs: number;
  /** Of `concurrency`: which of the workflow's runs are counted. */
  readonly key?: string;
}

/** What the nodes that have not settled need: services, and nodes that call none and need something else. */
export interface NeededToRun {
  readonly services: readonly { readonly name: string; readonly address: string }[];
  readonly nodes: readonly string[];
}

/** A node that has not settled, and why. */
export interface NodeExplanation {
  readonly id: string;
  readonly reason: NodeReason;
}

/**
 * - `upstream`: the nodes it waits for have not succeeded yet.
 * - `running`: an attempt is outstanding. `until`: it ends by then at the latest. `ending`: it is being ended before,
 *   for a cancel, the run's total timeout, or a changed file that took the place of what it was asked.
 * - `recovery`: so is an attempt of an earlier owner: this one asks after it, or follows it to its end.
 * - `retry`: it waits after an attempt that failed.
 * - `due`: that wait is over, and its owner has recorded nothing since. `service`: its slots are limited, and may all
 *   be held by other runs of the owner's process.
 * - `max_parallel`, `slot`: a limit is reached ({@link Explanation.limits}).
 * - `starting`: nothing is in its way; its start has not been recorded yet.
 * - all others: what holds up the run ({@link RunReason}). `attempt`: one that was outstanding when the owner went.
 *   `service`: as in `due`.
 */
export type NodeReason =
  | { readonly kind: "upstream"; readonly waits_for: readonly string[] }
  | {
      readonly kind: "running";
      readonly attempt: number;
      readonly since: string;
      readonly until: string;
      readonly ending?: Ending;
    }
  | { readonly kind: "recovery"; readonly attempt: number; readonly since: string; readonly ending?: Ending }
  | {
      readonly kind: "retry";
      readonly retry_at: string;
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly error: ErrorInfo;
    }
  | { readonly kind: "due"; readonly retry_at: string; readonly service?: string }
  | { readonly kind: "max_parallel" }
  | { readonly kind: "starting" }
  | { readonly kind: "slot"; readonly service: string }
  | {
      readonly kind: Exclude<RunReason["kind"], "under_way">;
      readonly attempt?: number;
      readonly retry_at?: string;
      readonly service?: string;
    };

/** Why an outstanding attempt is being ended before its time. */
export type Ending = "cancel" | "run_timeout" | "changed";

/** A limit on outstanding attempts that is reached. */
export type Limit =
  | { readonly kind: "max_parallel"; readonly limit: number; readonly held_by: readonly string[] }
  | {
      readonly kind: "slot";
      readonly service: string;
      readonly address: string;
      /** Slots of the address in the owner's process, over all its runs. */
      readonly limit: number;
      /** Nodes of this run; where they are fewer than `limit`, other runs of that process hold the rest. */
      readonly held_by: readonly string[];
    };

/** `error`: neither a node nor a finding began it (the run's total timeout). */
export type FirstCause =
  | { readonly kind: "node"; readonly node_id: string; readonly error: ErrorInfo }
  | { readonly kind: "preflight"; readonly findings: readonly Finding[] }
  | { readonly kind: "cancel"; readonly by: string; readonly reason?: string }
  | { readonly kind: "error"; readonly error: ErrorInfo };

/**
 * An attempt that was not the first of its node. `retry`: the one before failed and may be tried again. `lost`:
 * nobody knows how that one ended; the key is the same. `resume`: a resume set the node back, with a new key.
 */
export interface CalledAgain {
  readonly node_id: string;
  readonly attempt: number;
  readonly because: "retry" | "lost" | "resume";
  /** How the attempt before it ended. */
  readonly outcome: AttemptOutcome;
  readonly error: ErrorInfo;
}
