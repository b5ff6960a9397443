// What is mounted where, as the kernel says it (proc_pid_mountinfo(5)).
import { readFile, readlink } from "node:fs/promises";
import { posix } from "node:path";

/** A folder or file by its file system, whatever it is mounted as. */
export interface PlaceOnDisk {
  /** `8:1` */
  readonly device: string;
  /** Within the file system. */
  readonly path: string;
}

export interface MountEntry extends PlaceOnDisk {
  /** As the process sees it. */
  readonly mountPoint: string;
  /** `ext4` */
  readonly fileSystem: string;
}

/** @returns undefined where the table cannot be read: no such process, another's, another system */
export async function readMounts(pid: number | "self"): Promise<readonly MountEntry[] | undefined> {
  try {
    return parseMounts(await readFile(`/proc/${pid}/mountinfo`, "utf8"));
  } catch {
    return undefined;
  }
}

export function parseMounts(text: string): readonly MountEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, , device, root, mountPoint] = line.split(" ");
    if (device === undefined || root === undefined || mountPoint === undefined) return [];
    // Behind fields of which there may be any number.
    const [, fileSystem = ""] = / - (\S+)/.exec(line) ?? [];
    return [{ device, path: decode(root), mountPoint: decode(mountPoint), fileSystem }];
  });
}

/** Of a place that something is mounted at once it is used. */
const AUTOMOUNT = "autofs";

/** Where a path without links lies; undefined where that is not known before it is used. */
export function placeOf(mounts: readonly MountEntry[], path: string): PlaceOnDisk | undefined {
  let found: MountEntry | undefined;
  for (const entry of mounts) {
    // Of several at one place the last one is seen.
    if (isWithin(path, entry.mountPoint) && entry.mountPoint.length >= (found?.mountPoint.length ?? 0)) found = entry;
  }
  if (found === undefined || found.fileSystem === AUTOMOUNT) return undefined;
  return { device: found.device, path: posix.join(found.path, posix.relative(found.mountPoint, path)) };
}

export function isSamePlace(a: PlaceOnDisk, b: PlaceOnDisk): boolean {
  return a.device === b.device && a.path === b.path;
}

/** Whether a process has a table of its own, and not that of this one. */
export async function hasOwnMounts(pid: number): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/ns/mnt`)) !== (await readlink("/proc/self/ns/mnt"));
  } catch {
    return false;
  }
}

function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** Spaces and the like are written as three octal digits. */
function decode(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
