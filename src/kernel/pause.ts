import type { Clock } from "./clock.ts";

/** Resolves after `ms` ≥ 0, or as soon as one of the signals aborts, with no timer or listener left behind. */
export function pause(clock: Clock, ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      for (const signal of signals) signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    for (const signal of signals) signal?.addEventListener("abort", done);
    if (signals.some((signal) => signal?.aborted === true)) done();
  });
}

/** Waits for the work, but not longer; leaves no timer that would keep the process. */
export async function waitAtMost(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(clock, ms, over.signal)]).finally(() => over.abort());
}
