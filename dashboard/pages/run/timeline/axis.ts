import { formatDuration } from "../../../../src/kernel/durations.ts";

/** A place on the axis. */
export interface Tick {
  /** 0 at the beginning of the axis, 1 at its end. */
  readonly place: number;
  /** The time since the beginning of the run. */
  readonly label: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps that people count in. */
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * DAY),
];

/**
 * Round times along an axis, or along a part of it that begins later.
 * @param spanMs   how long the axis is, ≥ 0
 * @param maxTicks beside the beginning, ≥ 1
 * @param fromMs   where it begins; what follows is then told as `+200 ms`
 */
export function ticksOf(spanMs: number, maxTicks: number, fromMs = 0): readonly Tick[] {
  const isPart = fromMs > 0;
  const begin: Tick = { place: 0, label: isPart ? formatDuration(fromMs) : "0" };
  if (!(spanMs > 0)) return [begin];
  const step = STEPS.find((one) => spanMs / one <= maxTicks) ?? Math.ceil(spanMs / maxTicks / DAY) * DAY;
  const ticks = [begin];
  for (let ms = step; ms <= spanMs; ms += step) {
    ticks.push({ place: ms / spanMs, label: `${isPart ? "+" : ""}${labelOf(ms)}` });
  }
  return ticks;
}

/** `2 s`, not `2.0 s`; `2h`, not `2h 00m`. */
function labelOf(ms: number): string {
  return formatDuration(ms)
    .replace(/\.0 s$/, " s")
    .replace(/ 0?0[smh]$/, "");
}
