import type { ErrorInfo } from "../kernel/errors.ts";
import type { Json } from "../kernel/json.ts";

/** What an executor says of an attempt. */
export type Outcome = Succeeded | AttemptFailure;

/** The attempt did its work. */
export interface Succeeded {
  readonly outcome: "succeeded";
  /** Opaque; what it says is recorded. */
  readonly output: Json;
}

/** The attempt did not do its work; whether there is another is up to the retry policy. */
export interface AttemptFailure {
  readonly outcome: "failed" | "timed_out" | "cancelled";
  /** `error.status` is what `RetryPolicy.retryOn` is compared with. */
  readonly error: ErrorInfo;
  /** The peer's word on when to try again: milliseconds, or `never`. Replaces the drawn wait. */
  readonly pushback?: number | "never";
}

/** An attempt whose outcome nobody recorded (E4); only the engine says this. */
export interface Lost {
  readonly outcome: "lost";
  readonly error: ErrorInfo;
}
