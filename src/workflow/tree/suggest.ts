import { appearanceOf } from "../../kernel/text.ts";

/** Comparisons made for one file; 100 misspelt names among 1,000. Beyond that there are no suggestions. */
const BUDGET = 100_000;
/** Longer names are not compared: the work grows with the square. */
const LONGEST = 100;

/** Finds what was probably meant, with a bounded amount of work over its lifetime. */
export function createSuggester(): (wrong: string, candidates: Iterable<string>) => string | undefined {
  let left = BUDGET;
  return (wrong, candidates) => {
    if (wrong.length > LONGEST) return undefined;
    const appearance = appearanceOf(wrong);
    // One change for every three letters; none for a single letter, which is one change away from every other.
    const limit = Math.floor((wrong.length + 1) / 3);
    const lower = wrong.toLowerCase();
    let best: string | undefined;
    let bestDistance = limit + 1;
    for (const candidate of candidates) {
      if (left === 0) break;
      left -= 1;
      if (candidate === wrong || candidate.length > LONGEST) continue;
      if (appearanceOf(candidate) === appearance) return candidate;
      if (Math.abs(candidate.length - wrong.length) >= bestDistance) continue;
      const distance = editDistance(lower, candidate.toLowerCase());
      if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
    }
    return best;
  };
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (before[j - 2] ?? 0) + 1);
      }
      next.push(distance);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
