import type { Span } from "../../ports/artifacts.ts";

/**
 * Where some lines of a file begin, as far as it was read: rows far into it are found again without reading all that is
 * before them. It holds of that file only for as long as nothing writes to it.
 */
export interface RowIndex {
  /** The first line. */
  header: Span | undefined;
  /** Of each line whose number is a multiple of `EVERY`, from the first of them; the header is line 0. */
  readonly starts: number[];
}

/** Reading so many lines is a matter of milliseconds, and a number for each of them is little. */
const EVERY = 4096;

export function createRowIndex(): RowIndex {
  return { header: undefined, starts: [] };
}

/** The last line that is known, up to the one that is wanted. */
export function knownBefore({ starts }: RowIndex, wanted: number): { readonly line: number; readonly start: number } {
  const count = Math.min(starts.length, Math.floor(wanted / EVERY));
  return { line: count * EVERY, start: starts[count - 1] ?? 0 };
}

/** Told of every line in its order. @param line its number @param start where it begins */
export function noteLine(index: RowIndex, line: number, start: number): void {
  if (line === 1) index.header ??= { start: 0, end: start };
  if (line === (index.starts.length + 1) * EVERY) index.starts.push(start);
}

/** Files whose lines are known at a time. */
const MAX_FILES = 16;

/** The indexes of the files that were asked for last. @returns the one of a file, by what tells it from all others */
export function createRowIndexes(): (file: string) => RowIndex {
  const indexes = new Map<string, RowIndex>();
  return (file) => {
    const index = indexes.get(file) ?? createRowIndex();
    indexes.delete(file);
    indexes.set(file, index);
    for (const oldest of indexes.keys()) {
      if (indexes.size <= MAX_FILES) break;
      indexes.delete(oldest);
    }
    return index;
  };
}
