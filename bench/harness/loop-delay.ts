import { monitorEventLoopDelay } from "node:perf_hooks";

/** @returns the 99th percentile of what timers came late by while `action` went on, in milliseconds */
export async function delayWhile(action: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  try {
    await action();
    return delays.percentile(99) / 1e6;
  } finally {
    delays.disable();
  }
}
