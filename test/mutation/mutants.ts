import { readFileSync } from "node:fs";
import type { Random } from "../../src/kernel/random.ts";

/** From 1, as an editor counts; the end is exclusive. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A change of the source that some test should notice. */
export interface Mutant extends MutantText {
  readonly range: { readonly start: Position; readonly end: Position };
}

/** What names a mutant in the list of survivors: it outlives edits elsewhere in the file. White space counts as one blank. */
export interface MutantText {
  readonly file: string;
  /** The line on which it begins. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  /** Which one, from 1, where all the rest is the same. */
  readonly nth: number;
}

/** As the tester reports it. */
export interface Found {
  readonly location: Mutant["range"];
  readonly replacement?: string;
}

export function keyOf({ file, line, original, replacement, nth }: MutantText): string {
  return JSON.stringify([file, line, original, replacement, nth]);
}

/** Where a mutant stands and what it puts there: the same in every answer of the tester. */
export function placeOf(file: string, { location: { start, end }, replacement }: Found): string {
  return JSON.stringify([file, start.line, start.column, end.line, end.column, replacement]);
}

/** The mutants of the files by their place, in the order of the source. */
export function readMutants(found: Iterable<readonly [file: string, Found[]]>): Map<string, Mutant> {
  const mutants = new Map<string, Mutant>();
  for (const [file, all] of found) {
    const source = readFileSync(file, "utf8");
    const seen = new Map<string, number>();
    const sorted = all.toSorted((a, b) => comparePositions(a.location.start, b.location.start));
    for (const one of sorted) {
      if (mutants.has(placeOf(file, one))) continue;
      const text = textOf(file, source, one);
      const nth = (seen.get(keyOf(text)) ?? 0) + 1;
      seen.set(keyOf(text), nth);
      mutants.set(placeOf(file, one), { ...text, nth, range: one.location });
    }
  }
  return mutants;
}

function textOf(file: string, source: string, { location, replacement = "" }: Found): MutantText {
  const lines = source.split("\n");
  const offsetOf = ({ line, column }: Position): number =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  return {
    file,
    line: squeeze(lines[location.start.line - 1] ?? ""),
    original: squeeze(source.slice(offsetOf(location.start), offsetOf(location.end))),
    replacement: squeeze(replacement),
    nth: 1,
  };
}

/** Deals mutants into batches, at random; whatever stands inside a mutant goes with it, for the tester takes ranges. */
export function dealBatches(mutants: Iterable<Mutant>, size: number, random: Random): Mutant[][] {
  const open = new Set(mutants);
  const batches: Mutant[][] = [];
  for (const mutant of shuffle([...open], random)) {
    if (!open.has(mutant)) continue;
    const last = batches.at(-1);
    const batch = last !== undefined && last.length < size ? last : [];
    if (batch !== last) batches.push(batch);
    for (const other of open) {
      if (!isWithin(other, mutant)) continue;
      batch.push(other);
      open.delete(other);
    }
  }
  return batches;
}

function shuffle(values: Mutant[], random: Random): Mutant[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

function isWithin(inner: Mutant, outer: Mutant): boolean {
  return (
    inner.file === outer.file &&
    comparePositions(outer.range.start, inner.range.start) <= 0 &&
    comparePositions(inner.range.end, outer.range.end) <= 0
  );
}

function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
