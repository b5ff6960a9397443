import type { Random } from "../../src/kernel/random.ts";
import { shuffled } from "./shuffle.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** Runs once what is measured, and says what it measured: a time, a rate. */
export type Subject = () => Promise<number> | number;

/** What each subject measured, round by round; position i of all of them is the same round. */
export type Samples<Name extends string> = { readonly [name in Name]: readonly number[] };

/**
 * Measures subjects in turns: every round runs each of them once, in an order
 * drawn anew, so that whatever else the machine does falls on all alike. One
 * round before, whose figures are dropped, warms everything up.
 */
export async function measureInRounds<Name extends string>(
  subjects: { readonly [name in Name]: Subject },
  options: { readonly rounds: number; readonly random: Random },
): Promise<Samples<Name>> {
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as { [name in Name]: number[] };
  for (const name of names) await subjects[name]();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const name of shuffled(names, options.random)) samples[name].push(await subjects[name]());
  }
  return samples;
}

/** The ratio of two subjects, taken within each round, then summarised. */
export function ratioOf(of: readonly number[], to: readonly number[]): Spread {
  if (of.length !== to.length) throw new Error("not the same rounds");
  return spreadOf(of.map((value, round) => value / (to[round] ?? Number.NaN)));
}
