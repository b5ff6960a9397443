import type { Clock } from "../src/kernel/clock.ts";
import type { Process, World } from "./world.ts";

export const START = Date.UTC(2025, 0, 1);

export interface ProcessClock extends Clock {
  /** How many timers wait. */
  pending(): number;
}

/** The clocks of one process: its monotonic time starts when it does, the wall clock is everybody's and may jump. */
export function createProcessClock(world: World, process: Process): ProcessClock {
  let pending = 0;
  return {
    now: () => START + Math.round(world.nowMs + world.wallAheadMs),
    monotonic: () => world.nowMs - process.bornMs,
    pending: () => pending,
    after(ms, callback) {
      let waits = true;
      pending += 1;
      const end = (): void => {
        if (waits) pending -= 1;
        waits = false;
      };
      const cancel = world.after(ms, process, () => {
        end();
        callback();
      });
      return () => {
        end();
        cancel();
      };
    },
  };
}
