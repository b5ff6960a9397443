import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";

/** A place in the list of runs as a text that only a journal looks into. It stays right whatever comes and goes. */
export function encodeCursor(place: number): string {
  return `r${place.toString(36)}`;
}

/** @throws BusbarError USAGE */
export function decodeCursor(cursor: string): number {
  const place = /^r[0-9a-z]{1,11}$/.test(cursor) ? Number.parseInt(cursor.slice(1), 36) : Number.NaN;
  return Number.isSafeInteger(place) ? place : refuseCursor(cursor);
}

/** @throws BusbarError USAGE */
export function refuseCursor(cursor: string): never {
  const message = `${quoteWord(escapeUnseen(cursor))} is no place in a list of runs: those are given by the list itself`;
  throw new BusbarError("USAGE", message);
}
