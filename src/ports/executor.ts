import type { Finding } from "../engine/finding.ts";
import type { Outcome } from "../engine/outcome.ts";
import type { Json } from "../kernel/json.ts";
import type { Service } from "../workflow/model/service.ts";
import type { AttemptKey } from "./attempt-key.ts";
import type { AttemptLog } from "./run-logs.ts";

export type { AttemptFailure, Outcome, Succeeded } from "../engine/outcome.ts";

/**
 * What performs an attempt: a gRPC call, a container, …
 * One contract suite (testing/executor-suite.ts) runs on every adapter.
 *
 * X1  `execute` makes exactly one attempt and never retries.
 * X2  A peer's fault is an outcome, not a throw.
 * X3  It settles within 5 s of an abort, with `cancelled` if nothing else came first,
 *     and by itself with `timed_out` once `timeoutMs` is over. What was to be ended has ended by then;
 *     only an abort for the reason `LEAVE` lets work go on that `recover` can find again.
 * X4  `recover`, where there is one, is asked before an attempt is recorded as lost.
 * X5  It knows no graph and no journal.
 * X6  `release`, where there is one, is called once the outcome of an attempt is durable: what was kept so
 *     that `recover` could have found the outcome again may go. The run does not wait for it; `close` does.
 * X7  `sweep`, where there is one, is called before a run goes on that somebody else drove: it ends the work of
 *     all its attempts but those given. Nothing of the run starts before it resolves; it does not reject.
 */
export interface Executor {
  execute(attempt: Attempt, signal: AbortSignal): Promise<Outcome>;
  recover?(attempt: Attempt, signal: AbortSignal): Promise<Recovery>;
  release?(attempt: Attempt): void;
  sweep?(runId: string, outstanding: readonly AttemptKey[]): Promise<void>;
  /**
   * Checks what a run needs before anything is called; all findings at once. Rejects only when aborted.
   * Called once a run with what its unsettled nodes need.
   */
  preflight?(needs: Needs, options: PreflightOptions, signal: AbortSignal): Promise<readonly Finding[]>;
  close?(): Promise<void>;
}

/** The abort reason of a process that lets go of its runs instead of ending them. */
export const LEAVE = "leave";

/** One try of a node, and all that an executor needs to make it. */
export interface Attempt extends AttemptKey {
  readonly runId: string;
  readonly idempotencyKey: string;
  /** Milliseconds this attempt may take, > 0: the node's timeout, or what a total timeout leaves of it. */
  readonly timeoutMs: number;
  /** What workflow/node.ts made of the node. */
  readonly request: Json;
  /** Bound; only for nodes that call one. */
  readonly service?: Service;
  /** W3C trace context: 32 hex digits, one per run. */
  readonly traceId: string;
  /**
   * Of a run on a cluster, which no journal is told from another's by: `run` is this run's alone, whatever ids another
   * cluster gives; `call` is what Restate calls this attempt.
   */
  readonly cluster?: { readonly run: string; readonly call: string };
  /** Opens where the output of what is executed goes; absent where nobody keeps it. */
  readonly openLog?: () => AttemptLog;
}

/** What is known of an attempt by what it has left outside of the process that made it. */
export type AttemptOnCluster = Pick<Attempt, "runId"> & Required<Pick<Attempt, "cluster">>;

/** What became of an attempt whose owner died: it still runs here, it has ended, or nothing is left of it. */
export type Recovery =
  | { readonly found: "running"; readonly outcome: Promise<Outcome> }
  | { readonly found: "outcome"; readonly outcome: Outcome }
  | { readonly found: "gone" };

/** What the unsettled nodes of one executor need: services that they call, or, of nodes that call none, their requests. */
export interface Needs {
  readonly services: readonly Service[];
  readonly nodes: readonly { readonly nodeId: string; readonly request: Json }[];
}

/** How long preflight may take, and what it tells. */
export interface PreflightOptions {
  /** For all checks together. */
  readonly timeoutMs: number;
  /** How long to keep trying what is not there yet; 0 is not at all. */
  readonly waitMs: number;
  /** Whether what could not be checked is told too, as a warning: to somebody who asks for nothing else. */
  readonly tellUnchecked?: boolean;
  /** Called with what is not there yet when waiting for it begins, and whenever that changes. */
  readonly onWaiting?: (findings: readonly Finding[]) => void;
}
