import type { Outcome } from "../../engine/outcome.ts";
import type { NodeState } from "../../engine/state.ts";
import { type ErrorInfo, toErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import { maskJson, type Secrets } from "../../kernel/secrets.ts";
import { cleanText } from "../../kernel/text.ts";
import type { Attempt, LEAVE } from "../../ports/executor.ts";

/** Why we end a call ourselves. `leave`: this process lets go of the run; nothing more is recorded. */
export type AbortCause = "cancel" | "run_timeout" | typeof LEAVE;

/** An attempt under way. */
export interface Flight {
  readonly node: NodeState;
  readonly attempt: Attempt;
  readonly controller: AbortController;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Which limit its deadline comes from. */
  readonly bound: "attempt" | "total";
  abortCause?: AbortCause;
  done: Promise<void>;
}

export function createFlight(node: NodeState, attempt: Attempt, bound: Flight["bound"], startedMs: number): Flight {
  return { node, attempt, controller: new AbortController(), startedMs, bound, done: Promise.resolve() };
}

export function abortFlight(flight: Flight, cause: AbortCause): void {
  flight.abortCause ??= cause;
  flight.controller.abort(cause);
}

/** Largest output or error that is recorded, in bytes of its JSON; what else stands in an event is small (semantics.md: 64 KiB an event). */
const MAX_RECORDED_BYTES = 60_000;

/** What is recorded of what the executor said: secrets masked, sizes kept, our own limits named. */
export function recordedOutcome(flight: Flight, outcome: Outcome, secrets: Secrets): Outcome {
  if (outcome.outcome === "succeeded") {
    const output = maskJson(outcome.output, secrets);
    const bytes = bytesOf(output);
    if (bytes <= MAX_RECORDED_BYTES) return { outcome: "succeeded", output };
    const message = `the output of ${flight.node.id} has ${bytes} bytes; at most ${MAX_RECORDED_BYTES} are recorded`;
    return { outcome: "failed", error: { code: "EVENT_TOO_LARGE", message } };
  }
  const error = shortError(maskError(ourError(flight, outcome.outcome) ?? outcome.error, secrets));
  if (outcome.outcome !== "cancelled") return { ...outcome, error };
  if (flight.abortCause === "run_timeout") return { outcome: "timed_out", error, pushback: "never" };
  if (flight.abortCause === "cancel") return { ...outcome, error };
  // Nobody here asked for it, so it is a failure like any other.
  return { ...outcome, outcome: "failed", error };
}

function ourError(flight: Flight, outcome: "failed" | "timed_out" | "cancelled"): ErrorInfo | undefined {
  if (outcome === "cancelled" && flight.abortCause === "run_timeout") {
    return {
      code: "RUN_TIMED_OUT",
      message: `${flight.node.id} was ended because the run took longer than its total_timeout_seconds`,
    };
  }
  if (outcome === "timed_out" && flight.bound === "total") {
    const seconds = (flight.node.definition?.totalTimeoutMs ?? 0) / 1000;
    return {
      code: "NODE_TOTAL_TIMED_OUT",
      message: `${flight.node.id} took longer than its total_timeout_seconds of ${seconds} s, all attempts and waits together`,
      status: "DEADLINE_EXCEEDED",
    };
  }
  return undefined;
}

export function maskError(error: ErrorInfo, secrets: Secrets): ErrorInfo {
  const message = secrets.mask(error.message);
  const { details } = error;
  return { ...error, message, ...(details === undefined ? {} : { details: maskJson(details, secrets) as JsonObject }) };
}

/** An error that would not fit into its event keeps what matters most of it. */
function shortError(error: ErrorInfo): ErrorInfo {
  if (bytesOf(error) <= MAX_RECORDED_BYTES) return error;
  const { details: _, ...rest } = error;
  return { ...rest, message: cleanText(error.message) };
}

function bytesOf(value: unknown): number {
  const text = JSON.stringify(value);
  // A UTF-16 unit takes at most three bytes, so most texts need no counting.
  return text.length * 3 <= MAX_RECORDED_BYTES ? text.length : Buffer.byteLength(text);
}

/** An executor that throws breaks its promise (X2); the attempt fails, the run goes on. */
export function brokenExecutor(thrown: unknown): Outcome {
  return { outcome: "failed", error: { ...toErrorInfo(thrown), code: "INTERNAL" } };
}

/** Microseconds are enough, and 15 digits in every event are not. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
