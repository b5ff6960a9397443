// Where in the time of a run how much happened: what the slider draws above its track.
import { isFailure } from "./event-words.ts";
import type { RunHistory } from "./run-history.ts";

/** A piece of the time that has events. */
export interface EventMark {
  /** 0 to `pieces` - 1. */
  readonly piece: number;
  /** Of the fullest piece, in (0, 1]; never so little that it could not be seen. */
  readonly height: number;
  readonly hasFailure: boolean;
}

const LEAST_HEIGHT = 0.15;

/** Events, and where they stand in time. */
type Told = Pick<RunHistory, "events" | "instants">;

/** @param from @param until both ends of what is looked at, in milliseconds since the epoch */
export function eventMarks({ events, instants }: Told, from: number, until: number, pieces: number): EventMark[] {
  const counts = new Array<number>(pieces).fill(0);
  const failed = new Set<number>();
  const span = Math.max(1, until - from);
  for (const [index, event] of events.entries()) {
    const at = instants[index] ?? Number.NaN;
    if (!(at >= from && at <= until)) continue;
    const piece = Math.min(pieces - 1, Math.floor(((at - from) / span) * pieces));
    counts[piece] = (counts[piece] ?? 0) + 1;
    if (isFailure(event)) failed.add(piece);
  }
  const most = Math.max(1, ...counts);
  return counts.flatMap((count, piece) =>
    count === 0
      ? []
      : [{ piece, height: Math.max(LEAST_HEIGHT, count / most), hasFailure: failed.has(piece) } satisfies EventMark],
  );
}

/** How many events were recorded until then, at least one: what the run looked like at that instant. */
export function countUntil(instants: readonly number[], at: number): number {
  let [low, high] = [1, instants.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((instants[middle - 1] ?? Number.POSITIVE_INFINITY) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
