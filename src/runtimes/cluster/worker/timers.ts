import type { Timer } from "../../../engine/inputs.ts";

/** The timers of a drive, in order of time. */
export interface Timers {
  /** Another of the same name takes its place. @param dueMs milliseconds since 1970 */
  arm(timer: Timer, dueMs: number): void;
  /** @returns the name of what was armed */
  disarm(timer: Timer): string | undefined;
  earliest(): Armed | undefined;
  /** Takes the earliest of those that are due by then; of two at one moment the one that was armed first. */
  takeDue(nowMs: number): Armed | undefined;
}

interface Armed {
  readonly timer: Timer;
  readonly name: string;
  readonly dueMs: number;
}

export function createTimers(): Timers {
  /** The latest first, so that the earliest is taken from the end. */
  const armed: Armed[] = [];
  const byName = new Map<string, Armed>();

  /** Where one that is due then belongs: before all that are due at that moment or sooner. */
  function placeOf(dueMs: number): number {
    let low = 0;
    let high = armed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((armed[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function disarm(timer: Timer): string | undefined {
    const one = byName.get(nameOf(timer));
    if (one === undefined) return undefined;
    byName.delete(one.name);
    armed.splice(armed.indexOf(one, placeOf(one.dueMs)), 1);
    return one.name;
  }

  return {
    arm(timer, dueMs) {
      disarm(timer);
      const one = { timer, name: nameOf(timer), dueMs };
      byName.set(one.name, one);
      armed.splice(placeOf(dueMs), 0, one);
    },
    disarm,
    earliest: () => armed.at(-1),
    takeDue(nowMs) {
      const earliest = armed.at(-1);
      if (earliest === undefined || earliest.dueMs > nowMs) return undefined;
      disarm(earliest.timer);
      return earliest;
    },
  };
}

const nameOf = (timer: Timer): string => (timer.of === "run" ? "timer" : `timer/${timer.nodeId}`);
