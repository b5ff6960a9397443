import type { Spread } from "./statistics.ts";

/** What was asked of a ratio; `goal` is what would be better still. */
export interface Asked {
  readonly bound: "at most" | "at least";
  readonly value: number;
  readonly goal?: number;
}

/** A median of interleaved rounds, or one figure that was counted or read off. */
export interface Result {
  readonly part: string;
  /** What it is, as a person would say it. */
  readonly name: string;
  /** `x` for a ratio. */
  readonly unit: string;
  readonly value: number;
  /** Quartiles over the rounds, where there were any. */
  readonly spread?: Spread;
  readonly rounds?: number;
  readonly asked?: Asked;
  /** Whether `value` must be met exactly, like a count, or may miss by {@link TOLERANCE}. */
  readonly exact?: boolean;
  /** The figures behind a ratio, in words. */
  readonly note?: string;
}

/** A shared machine is noisy: an asked ratio is missed only beyond this factor. */
export const TOLERANCE = 1.25;

export type Verdict = "met" | "within tolerance" | "missed" | "reported";

export function verdictOf(result: Result): Verdict {
  const { asked, value } = result;
  if (asked === undefined) return "reported";
  const excess = asked.bound === "at most" ? value / asked.value : asked.value / value;
  if (excess <= 1) return "met";
  return result.exact !== true && excess <= TOLERANCE ? "within tolerance" : "missed";
}

/** A ratio over interleaved rounds. */
export function ratioResult(
  part: string,
  name: string,
  spread: Spread,
  rounds: number,
  more: Pick<Result, "asked" | "note"> = {},
): Result {
  return { part, name, unit: "x", value: spread.median, spread, rounds, ...more };
}
