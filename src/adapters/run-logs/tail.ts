import { listSegments, readBytes, segmentPath } from "./attempt-files.ts";
import type { Place } from "./attempt-reader.ts";
import { endsLine } from "./records.ts";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** The character so many bytes before a newline says whether the record ends a line. */
const LOOK_BEHIND = 2;

/**
 * Where the last so many lines of an attempt begin, found from its end; undefined where all of it is no more.
 * What stands there may be some lines more: a gap counts as one, and so does a line without its end.
 */
export function findTail(folder: string, count: number): Place | undefined {
  let left = count;
  for (const segment of listSegments(folder).toReversed()) {
    const path = segmentPath(folder, segment);
    for (let end = segment.size; end > LOOK_BEHIND; ) {
      const begin = Math.max(LOOK_BEHIND, end - CHUNK_BYTES);
      const bytes = readBytes(path, begin - LOOK_BEHIND, end);
      if (bytes === undefined) break;
      for (let at = lastNewline(bytes, bytes.length - 1); at >= LOOK_BEHIND; at = lastNewline(bytes, at - 1)) {
        if (!endsLine(bytes[at - LOOK_BEHIND] ?? 0)) continue;
        if (left === 0) return { segment, at: begin - LOOK_BEHIND + at + 1 };
        left -= 1;
      }
      end = begin;
    }
  }
  return undefined;
}

function lastNewline(bytes: Buffer, from: number): number {
  return from < 0 ? -1 : bytes.lastIndexOf(NEWLINE, from);
}
