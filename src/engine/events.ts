import { isFields } from "../kernel/arguments.ts";
import type { ErrorInfo } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";
import type { ParamValues } from "../workflow/model/param.ts";
import type { Finding } from "./finding.ts";

/**
 * One recorded fact about a run (semantics.md, "Events"). This is the shape in
 * the journal, in `--json` output and in the API, hence snake_case. Shapes only
 * grow (E7).
 */
export type RunEvent = EventEnvelope & EventBody;

/** What every event says of itself. */
export interface EventEnvelope {
  /** 1, 2, 3 … per run. */
  readonly seq: number;
  /** RFC 3339 UTC with milliseconds, for people; nothing is ordered or measured by it. */
  readonly at: string;
  readonly run_id: string;
  /** The owner's epoch (E6). */
  readonly epoch: number;
}

/** What an event says beside its envelope; `type` tells which it is. */
export type EventBody =
  | RunCreated
  | RunChecked
  | RunStarted
  | RunResumed
  | RunCancelRequested
  | RunPaused
  | RunUnpaused
  | RunSucceeded
  | RunFailed
  | RunCancelled
  | NodeStarted
  | NodeAttemptFailed
  | NodeSucceeded
  | NodeFailed
  | NodeSkipped
  | NodeCancelled;

/** The types of events, as they stand in `type`. */
export type EventType = EventBody["type"];

/** The first event of every run. */
export interface RunCreated {
  readonly type: "run.created";
  readonly definition_hash: string;
  readonly params: ParamValues;
  readonly busbar_version: string;
  /** The run this one repeats. */
  readonly source?: string;
}

/** What preflight found, before the run starts, goes on or fails over it; absent where nothing was found. */
export interface RunChecked {
  readonly type: "run.checked";
  readonly findings: readonly Finding[];
}

/** What the run needs is there, as far as it was checked (preflight): attempts may start. */
export interface RunStarted {
  readonly type: "run.started";
}

/** The run goes on after it failed, was cancelled or lost its owner. It has a new epoch (E6). */
export interface RunResumed {
  readonly type: "run.resumed";
  readonly from: "failed" | "cancelled" | "interrupted";
  readonly by: string;
  /**
   * Nodes set back to pending: all failed, cancelled and skipped ones, and with a changed file those unsettled ones
   * that were tried as they were before it. Each begins a new round.
   */
  readonly reset: readonly string[];
  readonly definition_hash: string;
  /**
   * Nobody asked for it: a process took the interrupted run up by itself. Nothing but the owner changes then: no node is
   * reset, a pause and a cancel stand.
   */
  readonly recovery?: true;
}

/** Nothing more starts, and what is outstanding is aborted. */
export interface RunCancelRequested {
  readonly type: "run.cancel_requested";
  readonly by: string;
  readonly reason?: string;
}

/** No attempt starts until it is unpaused. */
export interface RunPaused {
  readonly type: "run.paused";
  readonly by: string;
}

/** Attempts may start again. */
export interface RunUnpaused {
  readonly type: "run.unpaused";
  readonly by: string;
}

/** Every node has succeeded. Nothing follows (E5). */
export interface RunSucceeded {
  readonly type: "run.succeeded";
  /** Since the run was created or last resumed, by the monotonic clock. */
  readonly duration_ms: number;
}

/** A node failed, or what the run needs was not there. Only `run.resumed` may follow. */
export interface RunFailed {
  readonly type: "run.failed";
  readonly duration_ms: number;
  readonly error?: ErrorInfo;
}

/** The run was cancelled and nothing of it is outstanding. Only `run.resumed` may follow. */
export interface RunCancelled {
  readonly type: "run.cancelled";
  readonly duration_ms: number;
  readonly error?: ErrorInfo;
}

/** One per attempt; durable before its executor is called (E8). */
export interface NodeStarted {
  readonly type: "node.started";
  readonly node_id: string;
  /** From 1, counting on over resumes. */
  readonly attempt: number;
  /** `<run_id>/<node_id>/<round>` */
  readonly idempotency_key: string;
  /** What the executor was asked: opaque here. */
  readonly request: Json;
}

/** An attempt that did not succeed, with what happens next. */
export interface NodeAttemptFailed {
  readonly type: "node.attempt_failed";
  readonly node_id: string;
  readonly attempt: number;
  readonly outcome: "failed" | "timed_out" | "cancelled" | "lost";
  readonly error: ErrorInfo;
  readonly duration_ms: number;
  /** When the next attempt may start; only this tells of a retry wait. */
  readonly retry_at?: string;
  /** The delay drawn, in milliseconds: what `retry_at` is clamped to after a restart. Stands with `retry_at`. */
  readonly retry_delay_ms?: number;
}

/** A node has its result; it is never called again (E3). */
export interface NodeSucceeded {
  readonly type: "node.succeeded";
  readonly node_id: string;
  /** Of the run whose result this is. */
  readonly attempt: number;
  /** What the executor answered: opaque here. */
  readonly output: Json;
  readonly duration_ms: number;
  /** The run whose result this is, where it is another's; recorded with `run.created`. */
  readonly reused_from?: string;
}

/** A node has failed for good. */
export interface NodeFailed {
  readonly type: "node.failed";
  readonly node_id: string;
  readonly error: ErrorInfo;
}

/** A node will not run: what it waits for did not succeed, or the run stops. */
export interface NodeSkipped {
  readonly type: "node.skipped";
  readonly node_id: string;
  readonly reason: "upstream" | "condition" | "run_stopped";
  /** The node that is the first cause, for `upstream`. */
  readonly because?: string;
}

/** A node was not to run any more. */
export interface NodeCancelled {
  readonly type: "node.cancelled";
  readonly node_id: string;
  /** The attempt that was outstanding, if one was. */
  readonly attempt?: number;
}

/** Event types that end a run (E5). */
export function isTerminalEvent(event: EventBody): event is RunSucceeded | RunFailed | RunCancelled {
  return event.type === "run.succeeded" || event.type === "run.failed" || event.type === "run.cancelled";
}

/** Whether a value from outside has the shape that every event has, and the fields by which others find their way. */
export function isEvent(value: unknown): value is RunEvent {
  if (!isFields(value)) return false;
  const { seq, epoch, run_id, type, node_id, reset } = value;
  return (
    Number.isInteger(seq) &&
    Number.isInteger(epoch) &&
    typeof run_id === "string" &&
    typeof type === "string" &&
    (!type.startsWith("node.") || typeof node_id === "string") &&
    (type !== "run.resumed" || Array.isArray(reset))
  );
}
