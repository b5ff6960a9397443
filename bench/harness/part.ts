import type { Random } from "../../src/kernel/random.ts";
import type { Result } from "./result.ts";

/** What every part of the bench is given. */
export interface BenchContext {
  /** From the printed seed. */
  readonly random: Random;
  /** How many interleaved rounds; ≥ 15, unless somebody asked for fewer. */
  readonly rounds: number;
  /** Whether time is short: as many rounds, each of less work. */
  readonly short: boolean;
  /** Whether time does not matter: the sizes of a campaign, where a part has such. */
  readonly full: boolean;
  /** A folder of the part's own, removed afterwards. */
  readonly folder: string;
  /** Tells what is going on. */
  readonly say: (line: string) => void;
}

/** What a part could not measure, and why. */
export interface Skip {
  readonly skip: string;
}

export interface Part {
  readonly name: string;
  readonly about: string;
  /** Each result as soon as it is there. */
  measure(context: BenchContext): AsyncIterable<Result | Skip>;
}
