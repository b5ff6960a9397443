import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";

/** What a place is in: the list of runs, newest first, or the events of all runs, oldest first. */
export type Listed = "runs" | "events";

/** A place in a list as a text that nobody but who made it looks into. It stays right whatever comes and goes. */
export function encodeCursor(listed: Listed, place: number): string {
  return `${listed[0]}${place.toString(36)}`;
}

/** @throws BusbarError USAGE */
export function decodeCursor(listed: Listed, cursor: string): number {
  const place =
    cursor[0] === listed[0] && /^[0-9a-z]{1,11}$/.test(cursor.slice(1)) ? parseInt(cursor.slice(1), 36) : -1;
  if (Number.isSafeInteger(place) && place >= 0) return place;
  const message = `${quoteWord(escapeUnseen(cursor))} is no place in a list of ${listed}: those are given by the list itself`;
  throw new BusbarError("USAGE", message);
}
