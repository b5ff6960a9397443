import type { Timer } from "../../engine/inputs.ts";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";

/** The timers of one run. */
export interface Timers {
  /** Sets the timer, anew if it is set already. */
  arm(timer: Timer, ms: number): void;
  disarm(timer: Timer): void;
  disarmAll(): void;
}

export function createTimers(clock: Clock, due: (timer: Timer) => void): Timers {
  const armed = new Map<string, CancelTimer>();
  const disarm = (key: string): void => {
    armed.get(key)?.();
    armed.delete(key);
  };
  return {
    arm(timer, ms) {
      const key = keyOf(timer);
      disarm(key);
      armed.set(
        key,
        clock.after(ms, () => {
          armed.delete(key);
          due(timer);
        }),
      );
    },
    disarm: (timer) => disarm(keyOf(timer)),
    disarmAll() {
      for (const cancel of armed.values()) cancel();
      armed.clear();
    },
  };
}

function keyOf(timer: Timer): string {
  return timer.of === "run" ? "run" : `node ${timer.nodeId}`;
}
