/** Time, passed in so that a test can step it. The real one is in adapters/system. */
export interface Clock {
  /** Wall clock in milliseconds since 1970, for people. Nothing is ordered or measured by it. */
  now(): number;
  /** Milliseconds from an arbitrary start that never go back. Durations come from here. */
  monotonic(): number;
  /**
   * Calls back once after `ms` ≥ 0 (any length: the clock itself sees to waits that are longer than a timer can hold).
   */
  after(ms: number, callback: () => void): CancelTimer;
}

/** Takes back what `Clock.after` was to call; nothing happens if it has been called. */
export type CancelTimer = () => void;

export interface SteppingClock extends Clock {
  /** Moves both clocks on and fires what is due, in order of time. */
  advance(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** A clock that moves only by `advance`. */
export function createSteppingClock(start: number = Date.UTC(2025, 0, 1)): SteppingClock {
  let elapsed = 0;
  let order = 0;
  const timers: { readonly due: number; readonly order: number; readonly callback: () => void }[] = [];
  const remove = (timer: (typeof timers)[number]) => {
    const index = timers.indexOf(timer);
    if (index >= 0) timers.splice(index, 1);
  };
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(ms, callback) {
      order += 1;
      const timer = { due: elapsed + ms, order, callback };
      timers.push(timer);
      return () => remove(timer);
    },
    advance(ms) {
      const until = elapsed + ms;
      for (;;) {
        const due = timers.filter((t) => t.due <= until).sort((a, b) => a.due - b.due || a.order - b.order)[0];
        if (due === undefined) break;
        remove(due);
        elapsed = Math.max(elapsed, due.due);
        due.callback();
      }
      elapsed = until;
    },
    pending: () => timers.length,
  };
}
