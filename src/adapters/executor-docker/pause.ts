import type { Clock } from "../../kernel/clock.ts";

/** Resolves after a time, or once aborted. */
export function pause({ clock }: { readonly clock: Clock }, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    if (signal?.aborted) done();
    signal?.addEventListener("abort", done);
  });
}

/** Waits for the work, but not longer; leaves no timer that would keep the process. */
export async function waitAtMost(tools: { readonly clock: Clock }, work: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(tools, ms, over.signal)]);
  over.abort();
}
