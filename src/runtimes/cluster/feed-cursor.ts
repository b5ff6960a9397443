import type { RunPlace } from "../../adapters/restate/cursor.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { escapeUnseen } from "../../kernel/text.ts";
import { NOW } from "../../ports/feed.ts";

/** A place in the feed of a cluster. */
export interface ClusterPlace {
  /** When the last change was made of which all is given: milliseconds since 1970, by the clocks of Restate. */
  readonly sinceMs: number;
  /** How many runs had been deleted. */
  readonly deleted: number;
  /** The last run of which all is given, where those that were there at the beginning are not told of yet. */
  readonly walked?: RunPlace;
}

/** As a text that nobody else looks into. */
export function encodePlace({ sinceMs, deleted, walked }: ClusterPlace): string {
  const place = [sinceMs, deleted].map((number) => number.toString(36)).join(".");
  return walked === undefined ? `f${place}` : `b${place}.${walked.createdMs.toString(36)}.${walked.runId}`;
}

/** @throws BusbarError USAGE for what no feed has given */
export function decodePlace(cursor: string): ClusterPlace {
  const [, since, deleted, created, runId = ""] =
    /^[fb]([0-9a-z]{1,9})\.([0-9a-z]{1,9})(?:\.([0-9a-z]{1,9})\.([A-Za-z0-9._-]{0,64}))?$/.exec(cursor) ?? [];
  if (since === undefined || deleted === undefined || cursor.startsWith("b") !== (created !== undefined)) {
    throw new BusbarError(
      "USAGE",
      `${quoteWord(escapeUnseen(cursor))} is no place in the events of all runs: they are given with each of them, and "${NOW}" is the end`,
    );
  }
  const numberOf = (text: string): number => Number.parseInt(text, 36);
  const place = { sinceMs: numberOf(since), deleted: numberOf(deleted) };
  return created === undefined ? place : { ...place, walked: { createdMs: numberOf(created), runId } };
}
