import { writeSync } from "node:fs";

/** Leaves the moment of death on stderr, by the machine's monotonic clock, so that it can be held against the calls. */
export function noteDeath(): void {
  writeSync(2, `killed at ${process.hrtime.bigint()}\n`);
}

/** Nanoseconds, or undefined if the process left none. */
export function readDeath(stderr: string): bigint | undefined {
  const noted = /^killed at (\d+)$/m.exec(stderr)?.[1];
  return noted === undefined ? undefined : BigInt(noted);
}
