import type { Outcome } from "../engine/outcome.ts";
import type { Json } from "../kernel/json.ts";
import type { Service } from "../spec/workflow.ts";
import type { Finding } from "./finding.ts";

export type { AttemptFailure, Outcome, Succeeded } from "../engine/outcome.ts";

/**
 * What performs an attempt: a gRPC call, a container, …
 * One contract suite (testing/executor-suite.ts) runs on every adapter.
 *
 * X1  `execute` makes exactly one attempt and never retries.
 * X2  A peer's fault is an outcome, not a throw.
 * X3  It settles within 5 s of an abort, with `cancelled` if nothing else came first,
 *     and by itself with `timed_out` once `timeoutMs` is over.
 * X4  `recover`, where there is one, is asked before an attempt is recorded as lost.
 * X5  It knows no graph and no journal.
 */
export interface Executor {
  execute(attempt: Attempt, signal: AbortSignal): Promise<Outcome>;
  recover?(attempt: Attempt, signal: AbortSignal): Promise<Recovery>;
  /**
   * Checks services before anything is called; all findings at once. Rejects only when aborted.
   * Called once a run with the services of its unsettled nodes.
   */
  preflight?(services: readonly Service[], options: PreflightOptions, signal: AbortSignal): Promise<readonly Finding[]>;
  close?(): Promise<void>;
}

export interface Attempt {
  readonly runId: string;
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** Milliseconds this attempt may take, > 0: the node's timeout, or what a total timeout leaves of it. */
  readonly timeoutMs: number;
  /** What spec/request.ts made of the node. */
  readonly request: Json;
  /** Bound; only for nodes that call one. */
  readonly service?: Service;
  /** W3C trace context: 32 hex digits, one per run. */
  readonly traceId: string;
}

export type Recovery =
  | { readonly found: "running"; readonly outcome: Promise<Outcome> }
  | { readonly found: "outcome"; readonly outcome: Outcome }
  | { readonly found: "gone" };

export interface PreflightOptions {
  /** For all services together. */
  readonly timeoutMs: number;
  /** How long to keep trying services that are not there yet; 0 is not at all. */
  readonly waitMs: number;
}
