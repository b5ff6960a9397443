import { setTimeout as sleep } from "node:timers/promises";

/** Written at once. */
export const PIECE_BYTES = 16 * 1024;
/** A stream on which nothing happens says so this often. */
export const HEARTBEAT_MS = 15_000;

/**
 * Waits a little before the next writing where many read the same, so that each write carries more: at 100 readers
 * 500 events a second would else be 50,000 writes. A few readers wait for nothing.
 */
export async function gather(readers: number, sinceLastMs: number): Promise<void> {
  const pauseMs = readers <= 8 ? 0 : Math.min(100, readers);
  if (sinceLastMs < pauseMs) await sleep(pauseMs - sinceLastMs);
}

/** What is coming, or undefined where it has not come for so long; it comes all the same. */
export async function orQuiet<T>(coming: Promise<T>, quietMs: number): Promise<T | undefined> {
  const quiet = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => quiet.resolve(undefined), quietMs);
  try {
    return await Promise.race([coming, quiet.promise]);
  } finally {
    clearTimeout(timer);
  }
}
