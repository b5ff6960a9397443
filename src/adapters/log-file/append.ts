import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";

// Windows has none: nothing there is waited for.
const NEVER_WAIT = constants.O_NONBLOCK ?? 0;

/**
 * Opens a file for appending, made if it is not there. A pipe at its place is opened only while somebody reads it, and
 * takes only what there is room for: whoever writes never waits.
 * @throws the error of the file system
 */
export function openToAppend(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NEVER_WAIT, 0o666);
}

/**
 * Whether the last line of a file has no end, and stays so: what another process is just writing appears piece by piece.
 * Undefined of what is no file, or cannot be read.
 */
export function endsWithinLine(path: string): boolean | undefined {
  let end = readEnd(path);
  for (let look = 1; end?.isWithinLine === true && look < MAX_LOOKS; look += 1) {
    Atomics.wait(NEVER_WOKEN, 0, 0, WRITING_MS);
    const later = readEnd(path);
    if (later?.size === end.size) return later.isWithinLine;
    end = later;
  }
  return end?.isWithinLine;
}

/** A write to the cache of the file system takes far less; on a busy machine whoever writes may be kept from going on. */
const WRITING_MS = 20;
const MAX_LOOKS = 10;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

interface FileEnd {
  readonly size: number;
  readonly isWithinLine: boolean;
}

function readEnd(path: string): FileEnd | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | NEVER_WAIT);
    const stats = fstatSync(file);
    if (!stats.isFile()) return undefined;
    const last = Buffer.alloc(1, NEWLINE);
    if (stats.size > 0) readSync(file, last, 0, 1, stats.size - 1);
    return { size: stats.size, isWithinLine: last[0] !== NEWLINE };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export interface Written {
  /** So many of the lines are there as a whole. */
  readonly lines: number;
  /** What is written now ends within a line. */
  readonly isCut: boolean;
  /** Why not all of them are. */
  readonly cause?: unknown;
}

/**
 * Writes lines in one call, so that those of others do not come between; in more only where the system takes a part, as
 * on a disk that fills up. Never throws.
 *
 * @param lines each with its newline
 * @param isCut whether what was written before ends within a line, which is ended first
 */
export function writeLines(file: number, lines: readonly string[], isCut: boolean): Written {
  const bytes = Buffer.from((isCut ? "\n" : "") + lines.join(""));
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
    return { lines: lines.length, isCut: false };
  } catch (cause) {
    const there = bytes.subarray(isCut ? 1 : 0, written);
    return {
      lines: there.filter((byte) => byte === NEWLINE).length,
      isCut: written === 0 ? isCut : bytes[written - 1] !== NEWLINE,
      cause,
    };
  }
}

const NEWLINE = 0x0a;
