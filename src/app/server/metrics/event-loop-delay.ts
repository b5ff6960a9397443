import { monitorEventLoopDelay } from "node:perf_hooks";
import type { EventLoopDelay } from "../../../ports/metrics.ts";

/** Measures the event loop of this process, a while at a time. */
export interface LoopMonitor {
  /** Of the last whole while; of this one, as long as none is over. */
  read(): EventLoopDelay;
  stop(): void;
}

/** How often a look is taken. What is measured is at least this, and is taken off again. */
const RESOLUTION_MS = 20;
const WHILE_MS = 10_000;

export function monitorEventLoop(): LoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let last: EventLoopDelay | undefined;
  const timer = setInterval(() => {
    last = now();
    histogram.reset();
  }, WHILE_MS);
  timer.unref();

  function now(): EventLoopDelay {
    if (histogram.count === 0) return { p50_ms: 0, p99_ms: 0, max_ms: 0 };
    const [p50, p99] = [histogram.percentile(50), histogram.percentile(99)];
    return { p50_ms: delayMs(p50), p99_ms: delayMs(p99), max_ms: delayMs(histogram.max) };
  }
  return {
    read: () => last ?? now(),
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

function delayMs(nanoseconds: number): number {
  return Math.round(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) * 1000) / 1000;
}
