import type { LogLine } from "../../ports/run-logs.ts";
import { listSegments, readBytes, type Segment, segmentPath } from "./attempt-files.ts";
import { createLineAssembler } from "./line-assembler.ts";
import { compareSegments, type SegmentName } from "./names.ts";
import { parseRecord } from "./records.ts";

/** Reads the lines of one attempt, as far as they were there when it last looked. */
export interface AttemptReader {
  /** Looks which files there are now, and how long they are. */
  look(): void;
  /**
   * The line that is next, or undefined where there is no more of what was there at the last look.
   * @param last nothing will come: a line without its end is one, too
   */
  peek(last: boolean): LogLine | undefined;
  /** Goes on to the line after it. */
  skip(): void;
}

/** Where to read on: in the file that is named, and so many bytes into it. */
export interface Place {
  readonly segment: SegmentName;
  readonly at: number;
}

export interface ReaderOptions {
  /** Instead of the beginning. */
  readonly from?: Place | undefined;
  /** Bytes to read at once, ≥ 1; more for a record that is longer. */
  readonly chunkBytes: () => number;
}

/** A file that has no newline in so many bytes is damaged. */
const MAX_RECORD_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

export function createAttemptReader(folder: string, options: ReaderOptions): AttemptReader {
  let segments: readonly Segment[] = [];
  let place = options.from;
  /** Bytes of the round that were read or reported as left out. */
  let reached = place === undefined ? 0 : place.segment.offset + place.at;
  const lines = createLineAssembler();

  /** @returns false at the end of what there is */
  function enterNext(): boolean {
    const before = place?.segment;
    const entered = segments.find((segment) => before === undefined || compareSegments(segment, before) > 0);
    if (entered === undefined) return false;
    if (before !== undefined && entered.round !== before.round) {
      // Restarted: all of it comes again.
      lines.dropParts();
      reached = 0;
    } else if (before !== undefined && entered.writer !== before.writer) {
      lines.endParts();
    }
    lines.addGap(Math.max(0, entered.offset - reached));
    reached = Math.max(reached, entered.offset);
    place = { segment: entered, at: 0 };
    return true;
  }

  /** Reads on by a chunk or a file; false at the end of what there is. */
  function readOn(): boolean {
    const here = place;
    if (here === undefined) return enterNext();
    const known = segments.find((segment) => compareSegments(segment, here.segment) === 0);
    const bytes = known === undefined ? undefined : readRecords(known, here.at);
    // The file is gone: it was removed to keep within the bound of the attempt.
    if (known === undefined || bytes === undefined) return enterNext();
    if (bytes.length > 0) {
      for (const text of bytes.toString("utf8", 0, bytes.length - 1).split("\n")) {
        const record = parseRecord(text);
        if (record !== undefined) lines.add(record);
      }
      moveTo(here.segment, here.at + bytes.length);
      return true;
    }
    // What is left of a file that is followed by another was torn off by a crash.
    if (known !== segments.at(-1)) reached = Math.max(reached, known.offset + known.size);
    return enterNext();
  }

  function moveTo(segment: SegmentName, at: number): void {
    place = { segment, at };
    reached = Math.max(reached, segment.offset + at);
  }

  /** Whole records, with their newlines; none at the end of the file, undefined where it is gone. */
  function readRecords(segment: Segment, from: number): Buffer | undefined {
    for (let length = options.chunkBytes(); ; length *= 2) {
      const to = Math.min(segment.size, from + length);
      if (to <= from) return NOTHING;
      const bytes = readBytes(segmentPath(folder, segment), from, to);
      if (bytes === undefined) return undefined;
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0) return bytes.subarray(0, end);
      if (to === segment.size || bytes.length < to - from) return NOTHING;
      if (length > MAX_RECORD_BYTES) return bytes;
    }
  }

  return {
    look() {
      segments = listSegments(folder);
    },
    peek(last) {
      for (;;) {
        const line = lines.peek();
        if (line !== undefined) return line;
        if (readOn()) continue;
        if (!last || !lines.hasParts()) return undefined;
        lines.endParts();
      }
    },
    skip: lines.skip,
  };
}
