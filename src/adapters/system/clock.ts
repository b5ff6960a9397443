import type { Clock } from "../../kernel/clock.ts";

/** The longest wait a Node timer can hold; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Not `performance`, which costs a start 0.5 ms. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The machine's clocks. Waits of any length: those longer than a timer can hold are chained. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic,
    after(ms, callback) {
      let left = ms;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const step = Math.min(left, MAX_TIMER_MS);
        left -= step;
        timer = setTimeout(left > 0 ? arm : callback, step);
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}
