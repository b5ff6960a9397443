import type { Outcome } from "../engine/outcome.ts";
import { requireFunction, requireSignal } from "../kernel/arguments.ts";
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

/** How an attempt at a fake executor ends. */
export type Answer = (attempt: Attempt, signal: AbortSignal) => Outcome | Promise<Outcome>;

/** What an attempt that went well ends with. */
export const SUCCEEDED: Outcome = { outcome: "succeeded", output: { message: "done" } };

/**
 * An executor for tests of runtimes.
 * @param answer default: every attempt succeeds at once
 * @throws BusbarError USAGE
 */
export function createFakeExecutor(answer: Answer = () => SUCCEEDED): FakeExecutor {
  requireFunction("answer", answer);
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

/**
 * Ends, as cancelled, when the attempt is aborted, and not before.
 * @throws BusbarError USAGE
 */
export async function untilAborted(signal: AbortSignal): Promise<Outcome> {
  requireSignal("signal", signal);
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
