import { readFileSync } from "node:fs";
import { keyOf, type Mutant, type MutantText } from "./mutants.ts";

/** A mutant that no test can or shall kill, and why. */
export interface Survivor extends Omit<MutantText, "nth"> {
  readonly nth?: number;
  readonly reason: string;
}

const path = new URL("survivors.json", import.meta.url);

export function readSurvivors(): readonly Survivor[] {
  return JSON.parse(readFileSync(path, "utf8")) as readonly Survivor[];
}

/** `hung`: the tests took too long, as they do without end; on a busy machine they may only have been slow. */
export type Outcome = "killed" | "survived" | "hung";

/**
 * What is wrong with the list, given what was tried.
 * @param all      every mutant there is
 * @param outcomes of those that were tried
 */
export function judgeSurvivors(
  list: readonly Survivor[],
  all: Iterable<Mutant>,
  outcomes: ReadonlyMap<Mutant, Outcome>,
): readonly string[] {
  const listed = new Map(list.map((entry) => [keyOf({ nth: 1, ...entry }), entry]));
  const faults: string[] = [];
  if (listed.size < list.length) faults.push("survivors.json names a mutant twice");
  for (const [, { file, original, replacement, reason }] of listed) {
    if (reason.trim() === "")
      faults.push(`survivors.json gives no reason for ${original} => ${replacement} in ${file}`);
  }
  const unknown = new Map(listed);
  for (const mutant of all) {
    const key = keyOf(mutant);
    unknown.delete(key);
    const outcome = outcomes.get(mutant);
    if (outcome === "survived" && !listed.has(key)) faults.push(`survived, and is not listed: ${show(mutant)}`);
    if (outcome === "killed" && listed.has(key)) faults.push(`listed as a survivor, and was killed: ${show(mutant)}`);
  }
  for (const { file, original, replacement } of unknown.values())
    faults.push(`survivors.json names a mutant that there is not: ${file} ${original} => ${replacement}`);
  return faults;
}

/** One line for people, then the entry that would list it. */
function show({ range, ...text }: Mutant): string {
  const { nth, ...entry } = text;
  return `${text.file}:${range.start.line}:${range.start.column}\n  ${JSON.stringify({ ...entry, ...(nth === 1 ? {} : { nth }), reason: "" })}`;
}
