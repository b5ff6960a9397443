import { createSeededRandom, type Random } from "../../src/kernel/random.ts";
import { POINTS, type Point } from "./points.ts";
import { between, hash } from "./scenario.ts";
import type { TrialPlan } from "./trial.ts";

/** How many kills are wanted at each point. */
export type Targets = { readonly [point in Point]: number };

/** Every kind of trial, by the point it is for. Others of its kills count as well. */
const RECIPES: { readonly [point in Point]: (random: Random) => readonly Point[] } = {
  created: () => ["created", "sent", "instant"],
  started: () => ["started", "sent", "started"],
  sent: () => ["sent", "sent", "sent"],
  received: () => ["received", "sent", "received"],
  committed: () => ["committed", "sent", "committed"],
  ending: () => ["sent", "ending"],
  ended: () => ["sent", "ended"],
  takeover: (random) => [random.next() < 0.5 ? "sent" : "received", "takeover", "takeover", "instant"],
  checkpoint: () => ["checkpoint", "checkpoint", "sent"],
  instant: () => ["instant", "instant", "instant"],
};

/**
 * The `index`-th trial of a campaign: which it is follows from the seed, so that it can be made alone again.
 * Half of them are wide: nodes beside one another and max_parallel > 1.
 */
export function planTrial(campaignSeed: number, index: number): { readonly purpose: Point; readonly plan: TrialPlan } {
  const purposes = Object.keys(POINTS) as Point[];
  const purpose = purposes[index % purposes.length] ?? "instant";
  const seed = hash(`${campaignSeed}/${index}`);
  const random = createSeededRandom(seed);
  const isWide = (Math.floor(index / purposes.length) + index) % 2 === 0;
  return { purpose, plan: { seed, isWide, mayFail: between(random, 1, 6) === 1, points: RECIPES[purpose](random) } };
}
