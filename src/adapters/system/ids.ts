import { randomBytes, randomFillSync, randomInt } from "node:crypto";
import { requireFunction } from "../../kernel/arguments.ts";
import type { Ids } from "../../kernel/ids.ts";

/** Values of the last four characters of a run id. */
const WITHIN_MS = 36 ** 4;

/**
 * Ids from the wall clock and the system's randomness.
 *
 * A run id reads `20261123T154210-7f3k2q`: UTC to the second, then the
 * millisecond in two base-36 digits and four that start at random and count up,
 * so that ids of one process sort in the order of their making, also within a
 * millisecond and after the clock was set back.
 *
 * @param now milliseconds since 1970; replaced in tests
 * @throws BusbarError USAGE
 */
export function createSystemIds(now: () => number = Date.now): Ids {
  requireFunction("now", now);
  let lastMs = 0;
  let count = 0;
  const nextTick = (): void => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      // The upper half is left free for counting on.
      count = randomInt(WITHIN_MS / 2);
      return;
    }
    count += 1;
    if (count < WITHIN_MS) return;
    lastMs += 1;
    count = 0;
  };
  return {
    runId() {
      nextTick();
      return `${stamp(lastMs)}-${base36(lastMs % 1000, 2)}${base36(count, 4)}`;
    },
    spanId: createSpanIds(),
    ownerId: () => `${stamp(now())}-${process.pid}-${randomBytes(8).toString("hex")}`,
  };
}

let lastStamp = { second: Number.NaN, text: "" };

/** UTC to the second; the text is made once a second. */
function stamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (lastStamp.second !== second) {
    lastStamp = { second, text: new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "") };
  }
  return lastStamp.text;
}

function base36(value: number, digits: number): string {
  return value.toString(36).padStart(digits, "0");
}

const SPAN_ID_BYTES = 8;
const NO_SPAN_ID = "0".repeat(2 * SPAN_ID_BYTES);

/** Draws the bytes of many ids at once: a system call for each would cost 4 µs. */
function createSpanIds(): () => string {
  const pool = Buffer.alloc(256 * SPAN_ID_BYTES);
  let next = pool.length;
  return function spanId(): string {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    next += SPAN_ID_BYTES;
    const id = pool.toString("hex", next - SPAN_ID_BYTES, next);
    return id === NO_SPAN_ID ? spanId() : id;
  };
}
