import { readFileSync, writeFileSync } from "node:fs";
import type { Plan } from "./plan.ts";

/** A plan that once failed, shrunk. It is kept as data: what a seed makes changes with the generator. */
export interface Kept {
  /** What it found. */
  readonly found: string;
  /** The seed it came from. */
  readonly seed: number;
  readonly plan: Plan;
}

const file = new URL("kept.json", import.meta.url);

export function readKept(): readonly Kept[] {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function keep(kept: Kept): void {
  const lines = [...readKept(), kept].map((one) => `  ${JSON.stringify(one)}`);
  writeFileSync(file, `[\n${lines.join(",\n")}\n]\n`);
}
