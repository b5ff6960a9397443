import { closeSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { makeFolder } from "../../kernel/make-folder.ts";
import { requireLinked } from "../../kernel/still-linked.ts";
import { listSegments, readBytes, type Segment, segmentPath } from "./attempt-files.ts";
import { DISK_FACTOR } from "./limits.ts";
import type { SegmentName } from "./names.ts";
import { contentOf, createRecordReader } from "./records.ts";

/** Files that the bound of an attempt is divided into. */
export const SEGMENTS = 8;

/** The files of one attempt, as whoever writes them sees them. Everything throws the errors of the file system. */
export interface Segments {
  /**
   * In one write with O_APPEND, at most an eighth of the bound.
   * @param content bytes that a container wrote for it
   */
  append(bytes: Uint8Array, content: number): void;
  /** Begins anew, if there is anything, with these bytes. Readers see what was there, or what comes. */
  restart(bytes: Uint8Array): void;
  close(): void;
}

/** `content`: bytes of a container that it holds. */
type OwnSegment = { -readonly [field in keyof Segment]: Segment[field] } & { content: number };

/**
 * Of what is more than the bound, the first file and the last ones are kept. Where the first one was dropped, an empty
 * file stays: what is missing is what lies between its offset and the next one's.
 *
 * @param maxContent bytes of a container that all files together may hold
 * @param head the beginning of each file
 */
export function createSegments(folder: string, maxContent: number, head: Uint8Array): Segments {
  const maxBytes = DISK_FACTOR * maxContent;
  let files: OwnSegment[] | undefined;
  let fd: number | undefined;
  let round = 0;
  let writer = 0;

  /** What an earlier process, or an earlier log of this one, has left. */
  function look(): OwnSegment[] {
    if (files !== undefined) return files;
    const found = listSegments(folder);
    const latest = found.at(-1);
    round = latest?.round ?? 1;
    writer = (latest?.writer ?? 0) + 1;
    files = found.map((segment, index) => ({ ...segment, content: measure(folder, segment, found[index + 1]) }));
    return files;
  }

  function open(offset: number): number {
    for (;;) {
      try {
        return openSync(segmentPath(folder, { round, writer, offset, isOlder: false }), "ax");
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        // Somebody else has opened the same attempt.
        writer += 1;
      }
    }
  }

  function begin(): OwnSegment {
    const all = look();
    close();
    makeFolder(folder);
    const last = all.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.content;
    fd = open(offset);
    const begun = { round, writer, offset, isOlder: false, size: 0, content: 0 };
    all.push(begun);
    write(begun, head);
    return begun;
  }

  function trim(moreBytes: number, moreContent: number): void {
    const all = look();
    const sizes = (): number => all.reduce((sum, { size }) => sum + size, moreBytes);
    const contents = (): number => all.reduce((sum, { content }) => sum + content, moreContent);
    while (sizes() > maxBytes || contents() > maxContent) {
      const [, second, third] = all;
      if (second === undefined || second === all.at(-1)) return;
      if (second.size > 0) {
        empty(second);
      } else {
        if (third === undefined || third === all.at(-1)) return;
        all.splice(2, 1);
        remove(third);
      }
    }
  }

  function empty(segment: OwnSegment): void {
    try {
      truncateSync(segmentPath(folder, segment));
    } catch {
      // It stays as it is, and nothing of it is missing.
    }
    segment.size = 0;
    segment.content = 0;
  }

  function remove(segment: SegmentName): void {
    try {
      rmSync(segmentPath(folder, segment), { force: true });
    } catch {
      // Where somebody who has it open keeps it from going (Windows), it stays until the run's logs go.
    }
  }

  function close(): void {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  }

  /** Whether no more of the bound's part is left in it. */
  function isFull({ size, content }: OwnSegment, moreBytes: number, moreContent: number): boolean {
    if (size <= head.length) return false;
    return size + moreBytes > maxBytes / SEGMENTS || content + moreContent > maxContent / SEGMENTS;
  }

  function write(segment: OwnSegment, bytes: Uint8Array): void {
    let done = 0;
    // A disk that is nearly full takes a part of it; the next write throws the reason.
    while (fd !== undefined && done < bytes.length) {
      const written = writeSync(fd, bytes, done);
      done += written;
      segment.size += written;
    }
  }

  function append(bytes: Uint8Array, content: number): void {
    let current = fd === undefined ? undefined : look().at(-1);
    if (fd === undefined || current === undefined) current = begin();
    else requireLinked(fd, segmentPath(folder, current));
    if (isFull(current, bytes.length, content)) current = begin();
    trim(bytes.length, content);
    write(current, bytes);
    current.content += content;
  }

  return {
    append,
    restart(bytes) {
      const old = look();
      if (old.length === 0) return;
      round += 1;
      writer = 1;
      files = [];
      begin();
      append(bytes, 0);
      for (const segment of old) remove(segment);
    },
    close,
  };
}

/** How much of a container's output a file holds that somebody else has written. */
function measure(folder: string, segment: Segment, next: Segment | undefined): number {
  if (segment.size === 0) return 0;
  if (segment.isOlder) return segment.size;
  if (next !== undefined) return next.offset - segment.offset;
  const records = createRecordReader();
  const lines = readBytes(segmentPath(folder, segment), 0, segment.size)?.toString("utf8").split("\n") ?? [];
  return lines.reduce((sum, line) => {
    const record = records.read(line);
    return sum + (record === undefined ? 0 : contentOf(record));
  }, 0);
}
