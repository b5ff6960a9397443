import type { LogLine } from "../../ports/run-logs.ts";
import { listSegments, readBytes, type Segment, segmentPath, sizeOf } from "./attempt-files.ts";
import { createLineAssembler } from "./line-assembler.ts";
import { compareSegments, type SegmentName } from "./names.ts";
import { contentOf, createRecordReader, type LogRecord } from "./records.ts";

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
  let records = createRecordReader();
  /** Of what the container wrote for the file, the bytes that have been read. */
  let content = 0;
  const lines = createLineAssembler();
  if (place !== undefined) {
    // Whose it is, and when it was written, stands before the place.
    const before = readBytes(segmentPath(folder, place.segment), 0, place.at);
    readRecords(before?.toString("utf8") ?? "");
  }

  function readRecords(text: string): readonly LogRecord[] {
    const found = text.split("\n").flatMap((line) => records.read(line) ?? []);
    content = found.reduce((sum, record) => sum + contentOf(record), content);
    return found;
  }

  /** @returns false at the end of what there is */
  function enterNext(): boolean {
    const before = place?.segment;
    const entered = segments.find((segment) => before === undefined || compareSegments(segment, before) > 0);
    if (entered === undefined) return false;
    if (before !== undefined && entered.round !== before.round) {
      // Restarted: all of it comes again.
      lines.dropParts();
    } else {
      if (before !== undefined && entered.writer !== before.writer) lines.endParts();
      lines.addGap(Math.max(0, gapBefore(entered)));
    }
    place = { segment: entered, at: 0 };
    records = createRecordReader();
    content = 0;
    return true;
  }

  /** Bytes of the container that are missing between what was read and the file. */
  function gapBefore({ offset }: Segment): number {
    if (place === undefined) return offset;
    const { segment, at } = place;
    const size = sizeOf(segmentPath(folder, segment));
    // Gone, or emptied: dropped to keep within the bound of the attempt.
    if (size === 0) return offset - segment.offset - (segment.isOlder ? at : content);
    return segment.isOlder ? offset - segment.offset - size : 0;
  }

  /** Reads on by a chunk or a file; false at the end of what there is. */
  function readOn(): boolean {
    const here = place;
    if (here === undefined) return enterNext();
    const segment = segments.find((one) => compareSegments(one, here.segment) === 0);
    const bytes = segment === undefined ? undefined : readWhole(segment, here.at);
    if (bytes === undefined || bytes.length === 0) return enterNext();
    for (const record of readRecords(bytes.toString("utf8", 0, bytes.length - 1))) lines.add(record);
    place = { segment: here.segment, at: here.at + bytes.length };
    return true;
  }

  /** Whole records, with their newlines; none at the end of the file, undefined where it is gone. */
  function readWhole(segment: Segment, from: number): Buffer | undefined {
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
