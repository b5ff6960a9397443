import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { MAX_FILE_BYTES } from "../../workflow/text/source.ts";

/** Windows has neither. A pipe is not waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** A file as it was read. */
export interface ReadBytes {
  /** Undefined for more than a workflow may have, which is seen before it is read. */
  readonly bytes: Buffer | undefined;
  /** Milliseconds since 1970: when its content was last changed. */
  readonly writtenMs: number;
}

/**
 * Reads a file beneath a folder. Links within the folder are followed, none out of it, also where somebody changes them
 * meanwhile.
 * @param path beneath the folder
 * @throws Error that says why not, in a clause; errors of the file system
 */
export async function readInside(root: string, path: string): Promise<ReadBytes> {
  const realRoot = await realpath(root);
  const real = await realpath(join(root, path));
  if (!liesBeneath(real, realRoot)) throw leadsOut();
  const handle = await open(real, FLAGS);
  try {
    const opened = await pathOf(handle, real);
    if (!liesBeneath(opened, realRoot)) throw leadsOut();
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error("it is not a file");
    const bytes = stats.size > MAX_FILE_BYTES ? undefined : await readSized(handle, stats.size);
    return { bytes, writtenMs: stats.mtimeMs };
  } finally {
    await handle.close();
  }
}

/** Whether a path lies within a folder; both are free of links. */
export function liesBeneath(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(way);
}

/** Where the file that is open lies; elsewhere than on Linux, where it lay a moment ago. */
async function pathOf(handle: FileHandle, real: string): Promise<string> {
  if (process.platform !== "linux") return realpath(real);
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(real));
}

/** No more than the file had: one that grows meanwhile is read again. */
async function readSized(handle: FileHandle, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await handle.read(buffer, done, size - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

function leadsOut(): Error {
  return new Error("it is a link that leads out of the directory");
}
