// What lies in the folder of a run is the run's: no link is followed out of it.
import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { compareSegments, parseSegmentName, type SegmentName, segmentName } from "./names.ts";

/** A file of an attempt as it was when somebody looked. */
export interface Segment extends SegmentName {
  readonly size: number;
}

/**
 * The files of an attempt that count, in the order of their writing; none where there is no folder. Those before
 * the last one grow no more: their sizes are asked after it was seen.
 */
export function listSegments(folder: string): readonly Segment[] {
  const found = namesInIfFolder(folder)
    .flatMap((name) => parseSegmentName(name) ?? [])
    .sort(compareSegments);
  const latest = found.at(-1)?.round;
  return found
    .filter(({ round }) => round === latest)
    .map((name) => ({ ...name, size: sizeOf(segmentPath(folder, name)) }));
}

export function segmentPath(folder: string, name: SegmentName): string {
  return join(folder, segmentName(name));
}

/** What stands in a folder; nothing where there is none. Something else in its place is no empty folder. */
export function namesIn(folder: string): readonly string[] {
  return namesUnless(folder, (code) => code === "ENOENT");
}

/** The same of a folder beside which other files may lie. */
export function namesInIfFolder(path: string): readonly string[] {
  return namesUnless(path, isGoneCode);
}

function namesUnless(folder: string, isNothing: (code: unknown) => boolean): readonly string[] {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      throw Object.assign(new Error(`${folder} is a link`), { code: "ELOOP" });
    }
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && isNothing(error.code)) return [];
    throw error;
  }
}

/** 0 where there is no such file, or something else. */
export function sizeOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : 0;
}

/** Windows knows none of these. A pipe would else wait for who writes into it. */
const READ_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes from `from` up to `to`, or fewer where the file ends before; undefined if it is gone. The file is opened
 * anew each time: hundreds may be read at once.
 */
export function readBytes(path: string, from: number, to: number): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(path, READ_FILE);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(to - from);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && isGoneCode(error.code);
}

function isGoneCode(code: unknown): boolean {
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}
