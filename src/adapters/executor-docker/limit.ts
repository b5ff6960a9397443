import type { Clock } from "../../kernel/clock.ts";
import { LEAVE } from "../../ports/executor.ts";
import type { Cause } from "./outcome.ts";

/** What ends an attempt from outside: its time, or an abort. Whatever comes first stays. */
export interface Limit {
  readonly reached: Promise<Cause>;
  /** The cause, once it is reached. */
  cause(): Cause | undefined;
  /** Nothing is waited for any more. */
  release(): void;
}

/** @param leftMs ≥ 0 */
export function createLimit(clock: Clock, leftMs: number, signal: AbortSignal): Limit {
  const { promise, resolve } = Promise.withResolvers<Cause>();
  let cause: Cause | undefined;
  const reach = (how: Cause): void => {
    cause ??= how;
    resolve(cause);
  };
  const onAbort = (): void => reach(signal.reason === LEAVE ? "left" : "cancelled");
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = clock.after(leftMs, () => reach("timed out"));
  return {
    reached: promise,
    cause: () => cause,
    release() {
      signal.removeEventListener("abort", onAbort);
      cancelTimer();
    },
  };
}
