import type { Outcome } from "../engine/outcome.ts";
import type { Attempt, Executor } from "../ports/executor.ts";

/** An executor that calls nobody: a function says how each attempt ends. */
export interface FakeExecutor extends Executor {
  /** Every attempt it was asked to make, in order. */
  readonly attempts: readonly Attempt[];
  /** Attempts that have not ended. */
  readonly outstanding: number;
  /** The most there ever were at once. */
  readonly peak: number;
}

export type Answer = (attempt: Attempt, signal: AbortSignal) => Outcome | Promise<Outcome>;

export const SUCCEEDED: Outcome = { outcome: "succeeded", output: { message: "done" } };

/** @param answer default: every attempt succeeds at once */
export function createFakeExecutor(answer: Answer = () => SUCCEEDED): FakeExecutor {
  const attempts: Attempt[] = [];
  let outstanding = 0;
  let peak = 0;
  return {
    attempts,
    get outstanding() {
      return outstanding;
    },
    get peak() {
      return peak;
    },
    async execute(attempt, signal) {
      attempts.push(attempt);
      outstanding += 1;
      peak = Math.max(peak, outstanding);
      try {
        return await answer(attempt, signal);
      } finally {
        outstanding -= 1;
      }
    },
  };
}

/** Ends when the attempt is aborted, and not before. */
export function untilAborted(signal: AbortSignal): Promise<Outcome> {
  const cancelled: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };
  return new Promise((resolve) => {
    if (signal.aborted) resolve(cancelled);
    else signal.addEventListener("abort", () => resolve(cancelled), { once: true });
  });
}

/** A promise and the function that fulfils it. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  open(value: T): void;
}

export function createGate<T>(): Gate<T> {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open: (value) => open(value) };
}
