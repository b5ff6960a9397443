import { createSeededRandom, type Random } from "../../src/kernel/random.ts";
import type { TrialPlan } from "./campaign.ts";
import { hash } from "./scenario.ts";

/** Every kind of trial, by the point it is for. Others of its kills count as well. */
export type Recipes<Point extends string> = { readonly [point in Point]: (random: Random) => readonly Point[] };

/** @param random for what else of the trial follows from its seed */
export interface Drawn<Point extends string> {
  readonly purpose: Point;
  readonly plan: TrialPlan<Point>;
  readonly random: Random;
}

/** The `index`-th trial of a campaign. Half of them are wide: nodes beside one another and max_parallel > 1. */
export function drawTrial<Point extends string>(
  recipes: Recipes<Point>,
  campaignSeed: number,
  index: number,
): Drawn<Point> {
  const purposes = Object.keys(recipes) as Point[];
  const purpose = purposes[index % purposes.length] as Point;
  const seed = hash(`${campaignSeed}/${index}`);
  const random = createSeededRandom(seed);
  const isWide = (Math.floor(index / purposes.length) + index) % 2 === 0;
  return { purpose, plan: { seed, isWide, points: recipes[purpose](random) }, random };
}
