import { listSegments, readBytes, segmentPath } from "./attempt-files.ts";
import type { Place } from "./attempt-reader.ts";
import { endsLine } from "./records.ts";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** From the last byte but one of a record to the end of its newline. */
const LOOK_BEHIND = 3;

/**
 * Where the last so many lines of an attempt begin, found from its end; undefined where all of it is no more.
 * What stands there may be some lines more: a gap counts as one, and so does a line without its end.
 */
export function findTail(folder: string, count: number): Place | undefined {
  let left = count;
  for (const segment of listSegments(folder).toReversed()) {
    for (const { end, first, lastButOne } of recordsFromEnd(segmentPath(folder, segment), segment.size)) {
      if (!endsLine(first, lastButOne)) continue;
      if (left === 0) return { segment, at: end };
      left -= 1;
    }
  }
  return undefined;
}

/** A record: where it ends, behind its newline, and the bytes that tell what it is. */
interface Found {
  readonly end: number;
  readonly first: number;
  readonly lastButOne: number;
}

function* recordsFromEnd(path: string, size: number): Generator<Found> {
  /** The record whose beginning is still to be found. */
  let open: Omit<Found, "first"> | undefined;
  let firstOfNext = 0;
  for (let end = size; end > 0; ) {
    const begin = Math.max(0, end - CHUNK_BYTES);
    const from = Math.max(0, begin - LOOK_BEHIND);
    const bytes = readBytes(path, from, end);
    if (bytes === undefined || bytes.length < end - from) return;
    for (let at = lastNewline(bytes, bytes.length - 1); at >= begin - from; at = lastNewline(bytes, at - 1)) {
      if (open !== undefined) yield { ...open, first: bytes[at + 1] ?? firstOfNext };
      open = { end: from + at + 1, lastButOne: bytes[at + 1 - LOOK_BEHIND] ?? 0 };
    }
    firstOfNext = bytes[begin - from] ?? 0;
    end = begin;
  }
  if (open !== undefined) yield { ...open, first: firstOfNext };
}

function lastNewline(bytes: Buffer, from: number): number {
  return from < 0 ? -1 : bytes.lastIndexOf(NEWLINE, from);
}
