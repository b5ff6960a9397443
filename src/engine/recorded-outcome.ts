import type { ErrorInfo } from "../kernel/errors.ts";
import { cleanText } from "../kernel/text.ts";
import type { OutstandingAttempt } from "./machine.ts";
import type { Outcome } from "./outcome.ts";
import type { NodeState } from "./state.ts";

/** Largest output or error that is recorded, in bytes of its JSON; what else stands in an event is small (semantics.md: 64 KiB an event). */
const MAX_RECORDED_BYTES = 60_000;

/** What is recorded of what the executor said: sizes kept, our own limits named, and whose cancellation it was. */
export function recordedOutcome(node: NodeState, attempt: OutstandingAttempt, outcome: Outcome): Outcome {
  if (outcome.outcome === "succeeded") {
    const bytes = bytesOf(outcome.output);
    if (bytes <= MAX_RECORDED_BYTES) return outcome;
    const message = `the output of ${node.id} has ${bytes} bytes; at most ${MAX_RECORDED_BYTES} are recorded`;
    return { outcome: "failed", error: { code: "EVENT_TOO_LARGE", message } };
  }
  const error = shortError(ourError(node, attempt, outcome.outcome) ?? outcome.error);
  if (outcome.outcome !== "cancelled") return { ...outcome, error };
  if (attempt.abort === "run_timeout") return { outcome: "timed_out", error, pushback: "never" };
  if (attempt.abort === "cancel") return { ...outcome, error };
  // Nobody here asked for it, so it is a failure like any other.
  return { ...outcome, outcome: "failed", error };
}

function ourError(
  { id, definition }: NodeState,
  attempt: OutstandingAttempt,
  outcome: "failed" | "timed_out" | "cancelled",
): ErrorInfo | undefined {
  if (outcome === "cancelled" && attempt.abort === "run_timeout") {
    const message = `${id} was ended because the run took longer than its total_timeout_seconds`;
    return { code: "RUN_TIMED_OUT", message };
  }
  if (outcome === "timed_out" && attempt.bound === "total") {
    const seconds = (definition.totalTimeoutMs ?? 0) / 1000;
    const message = `${id} took longer than its total_timeout_seconds of ${seconds} s, all attempts and waits together`;
    return { code: "NODE_TOTAL_TIMED_OUT", message, status: "DEADLINE_EXCEEDED" };
  }
  return undefined;
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
