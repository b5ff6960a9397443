import { type Spread, spreadOf } from "./statistics.ts";

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
  /** The factor beyond which a miss fails the bench: 1 of a count, {@link TOLERANCE} if left out. */
  readonly tolerance?: number;
  /**
   * An absolute figure fails the bench only where it is also above this: what is due to the machine. It comes from
   * what floors came to in the same rounds ({@link allowanceOf}).
   */
  readonly allowance?: number;
  /** The figures behind a ratio, in words. */
  readonly note?: string;
}

/** A shared machine is noisy: the bench fails only where an asked figure is missed beyond this factor. */
const TOLERANCE = 1.25;

export type Verdict = "met" | "not met" | "reported";

/** Of the figure as it was measured, with nothing on top. */
export function verdictOf(result: Result): Verdict {
  if (result.asked === undefined) return "reported";
  return excessOf(result) <= 1 ? "met" : "not met";
}

/** Whether the bench fails over it. */
export function isFailure(result: Result): boolean {
  return excessOf(result) > (result.tolerance ?? TOLERANCE) && result.value > (result.allowance ?? 0);
}

/** @param floor what a bare measure came to in the same rounds @param factor how far above it all is the machine's doing */
export function allowanceOf(floor: readonly number[], factor: number): number {
  return factor * spreadOf(floor).median;
}

/** Above 1 where it is not met. */
function excessOf({ asked, value }: Result): number {
  if (asked === undefined) return 0;
  return asked.bound === "at most" ? value / asked.value : asked.value / value;
}

/** A ratio over interleaved rounds. */
export function ratioResult(
  part: string,
  name: string,
  spread: Spread,
  rounds: number,
  more: Pick<Result, "asked" | "tolerance" | "note"> = {},
): Result {
  return { part, name, unit: "x", value: spread.median, spread, rounds, ...more };
}
