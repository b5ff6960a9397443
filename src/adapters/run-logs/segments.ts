import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { makeFolder } from "../../kernel/make-folder.ts";
import { requireLinked } from "../../kernel/still-linked.ts";
import { listSegments, type Segment, segmentPath } from "./attempt-files.ts";
import type { SegmentName } from "./names.ts";

/** Files that the bound of an attempt is divided into. */
export const SEGMENTS = 8;

/** The files of one attempt, as whoever writes them sees them. Everything throws the errors of the file system. */
export interface Segments {
  /** In one write with O_APPEND, at most an eighth of the bound. */
  append(bytes: Uint8Array): void;
  /** Begins anew, if there is anything, with these bytes. Readers see what was there, or what comes. */
  restart(bytes: Uint8Array): void;
  close(): void;
}

type OwnSegment = { -readonly [field in keyof Segment]: Segment[field] };

/** @param maxBytes what all files together may take; of more, the first file and the last ones are kept */
export function createSegments(folder: string, maxBytes: number): Segments {
  const segmentBytes = Math.floor(maxBytes / SEGMENTS);
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
    files = [...found];
    return files;
  }

  function open(offset: number): number {
    for (;;) {
      try {
        return openSync(segmentPath(folder, { round, writer, offset }), "ax");
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
    const offset = last === undefined ? 0 : last.offset + last.size;
    fd = open(offset);
    const begun = { round, writer, offset, size: 0 };
    all.push(begun);
    return begun;
  }

  function trim(more: number): void {
    const all = look();
    let total = all.reduce((sum, { size }) => sum + size, more);
    while (total > maxBytes && all.length > 2) {
      const [dropped] = all.splice(1, 1);
      if (dropped === undefined) break;
      total -= dropped.size;
      remove(dropped);
    }
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

  function append(bytes: Uint8Array): void {
    let current = fd === undefined ? undefined : look().at(-1);
    if (fd === undefined || current === undefined) current = begin();
    else requireLinked(fd, segmentPath(folder, current));
    if (current.size > 0 && current.size + bytes.length > segmentBytes) current = begin();
    trim(bytes.length);
    let done = 0;
    // A disk that is nearly full takes a part of it; the next write throws the reason.
    while (fd !== undefined && done < bytes.length) {
      const written = writeSync(fd, bytes, done);
      done += written;
      current.size += written;
    }
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
      append(bytes);
      for (const segment of old) remove(segment);
    },
    close,
  };
}
