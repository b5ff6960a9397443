import type { RunEvent } from "../engine/events.ts";
import { BusbarError, type ErrorInfo } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import { escapeUnseen } from "../kernel/text.ts";

/** As a cursor: after everything that is recorded at this moment. */
export const NOW = "now";

/**
 * What a feed of all runs gives, each with the cursor of the place after it: a feed that goes on from there gives
 * nothing again and leaves nothing out.
 *
 * - event: an event, in the order in which they were recorded.
 * - now: a feed from {@link NOW} begins here; nothing that was recorded before belongs to it.
 * - reset: the feed goes on with what is there, but what was learned of it before may be out of date: read lists and
 *   runs anew. `pruned`: events were deleted with their runs. `unknown`: the cursor is not of this journal, or of
 *   events that it has lost; the feed begins anew.
 * - damaged: an event that does not read back as it was written, and why; the feed goes on after it.
 */
export type FeedItem =
  | { readonly kind: "event"; readonly cursor: string; readonly event: RunEvent }
  | { readonly kind: "now"; readonly cursor: string }
  | { readonly kind: "reset"; readonly cursor: string; readonly reason: "pruned" | "unknown" }
  | { readonly kind: "damaged"; readonly cursor: string; readonly error: ErrorInfo };

/** Some of a feed, as of one moment. */
export interface FeedPage {
  readonly items: readonly FeedItem[];
  /** The place after them. */
  readonly cursor: string;
  /** Nothing followed them at that moment. */
  readonly isEnd: boolean;
}

/** A place between the events of all runs. */
export interface FeedPlace {
  /** Of the event before it; 0 is the beginning. */
  readonly pos: number;
  /** How many runs had been pruned when what is before it was known to be whole. */
  readonly pruned: number;
  /** Checksum of the event before it, by which another history is told from this one; 0 where none is there. */
  readonly crc: number;
}

/** A place as a text that nobody but a journal looks into. */
export function encodePlace({ pos, pruned, crc }: FeedPlace): string {
  return `e${[pos, pruned, crc].map((number) => number.toString(36)).join(".")}`;
}

/** @throws BusbarError USAGE for what no feed has given */
export function decodePlace(cursor: string): FeedPlace {
  const parts = /^e([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([0-9a-z]{1,7})$/.exec(cursor)?.slice(1) ?? [];
  const [pos = -1, pruned = -1, crc = -1] = parts.map((part) => Number.parseInt(part, 36));
  if (pos >= 0 && [pos, pruned, crc].every(Number.isSafeInteger)) return { pos, pruned, crc };
  throw new BusbarError(
    "USAGE",
    `${quoteWord(escapeUnseen(cursor))} is no place in the events of all runs: they are given with each of them, and "${NOW}" is the end`,
  );
}

/** What there is to say before the first event, and the place from which events follow. */
export interface FeedBeginning {
  readonly items: readonly FeedItem[];
  readonly place: FeedPlace;
}

/** What a journal knows of its events as a whole. */
export interface FeedEnds {
  /** The highest position that was ever given. */
  readonly last: number;
  /** How many runs were pruned. */
  readonly pruned: number;
  /** The checksum of the event at a position, if it is there. */
  readonly crcAt: (pos: number) => number | undefined;
}

/**
 * Where a feed begins.
 * @throws BusbarError USAGE
 */
export function beginFeed(after: string | undefined, { last, pruned, crcAt }: FeedEnds): FeedBeginning {
  const start: FeedPlace = { pos: 0, pruned, crc: 0 };
  if (after === undefined) return { items: [], place: start };
  if (after === NOW) {
    const place = { pos: last, pruned, crc: crcAt(last) ?? 0 };
    return { items: [{ kind: "now", cursor: encodePlace(place) }], place };
  }
  const place = decodePlace(after);
  if (isKnown(place, { last, pruned, crcAt })) return { items: [], place };
  return { items: [{ kind: "reset", reason: "unknown", cursor: encodePlace(start) }], place: start };
}

function isKnown({ pos, pruned, crc }: FeedPlace, ends: FeedEnds): boolean {
  if (pos > ends.last || pruned > ends.pruned) return false;
  if (crc === 0) return true;
  const found = ends.crcAt(pos);
  // An event that is gone was pruned since, or never there.
  return found === undefined ? pruned !== ends.pruned : found === crc;
}

/** An event as it is stored, or what is wrong with it. */
export interface FeedRow {
  readonly pos: number;
  readonly crc: number;
  readonly event: RunEvent | ErrorInfo;
}

/**
 * Makes a page of the rows that follow its beginning. Positions are given one after the other, so one that is missing
 * was deleted; that is told where it was done since the place was given, and only then.
 * @param isEnd whether `rows` are all that there are
 */
export function pageOf(
  { items: before, place: from }: FeedBeginning,
  rows: readonly FeedRow[],
  ends: Pick<FeedEnds, "last" | "pruned">,
  isEnd: boolean,
): FeedPage {
  const items = [...before];
  const { pruned } = ends;
  let place = from;
  const skipTo = (pos: number): void => {
    if (place.pruned === pruned || pos === place.pos) return;
    place = { pos, pruned, crc: 0 };
    items.push({ kind: "reset", reason: "pruned", cursor: encodePlace(place) });
  };
  for (const { pos, crc, event } of rows) {
    skipTo(pos - 1);
    place = { ...place, pos, crc };
    const cursor = encodePlace(place);
    items.push("type" in event ? { kind: "event", cursor, event } : { kind: "damaged", cursor, error: event });
  }
  if (isEnd) skipTo(ends.last);
  return { items, cursor: encodePlace(isEnd ? { ...place, pruned } : place), isEnd };
}
