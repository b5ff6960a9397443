import type { CancelTimer, Clock } from "../../kernel/clock.ts";

/** As many turns at most: a peer that sends without end does not put a deadline off for ever. */
const MAX_TURNS = 64;

/**
 * Calls back when everything that lay in the sockets as a timer fired has been read. A process that was stopped, or a
 * loop that was busy, finds its timers due before it looks at its sockets: what came in time must not count as late.
 *
 * @param bytesRead grows while there is more
 */
export function readPoll(bytesRead: () => number, callback: () => void): void {
  let before = -1;
  let turns = 0;
  const look = (): void => {
    const now = bytesRead();
    if (now === before || turns >= MAX_TURNS) return callback();
    before = now;
    turns += 1;
    // The loop polls between its timers and its immediates.
    setImmediate(look);
  };
  look();
}

/** Parts of a wait, each of which counts as one however long the process stood still in it. */
const WAIT_PARTS = 16;

/**
 * Calls back after `ms` in which this process was awake, with what had come by then read. What a peer needs is time in
 * which it is heard: none passes for it while we are stopped, or asleep with the machine.
 *
 * @param bytesRead grows while there is more
 */
export function afterAwake(clock: Clock, ms: number, bytesRead: () => number, callback: () => void): CancelTimer {
  let left = WAIT_PARTS;
  let isCancelled = false;
  let cancelTimer: CancelTimer;
  const end = (): void => {
    if (!isCancelled) callback();
  };
  const arm = (): void => {
    cancelTimer = clock.after(ms / WAIT_PARTS, () => {
      left -= 1;
      if (left > 0) arm();
      else readPoll(bytesRead, end);
    });
  };
  arm();
  return () => {
    isCancelled = true;
    cancelTimer();
  };
}
