import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { requireData, requireFunction, requireIfGiven, requireSignal, requireWord } from "../kernel/arguments.ts";
import { makeFolder } from "../kernel/make-folder.ts";
import { clarifyRefusal } from "./refusal.ts";

/** Takes the bytes of a file that appears when it is whole. */
export interface WholeFile {
  /** Bytes, or text that is written as UTF-8 (or as the encoding given). Await it before the next. */
  write(data: Uint8Array | string, encoding?: "utf8" | "latin1"): Promise<void>;
}

/**
 * Writes a file that appears whole or not at all: under a temporary name in the
 * same folder (made if it is not there), fsync, rename. If `fill` throws or the
 * signal aborts, nothing is left and an older file stays as it was.
 * @returns what `fill` returned
 * @throws what `fill` throws, the signal's reason, or an Error of the file system; BusbarError USAGE
 */
export async function writeWholeFile<T>(
  path: string,
  fill: (file: WholeFile) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  requireWord("path", path, "the path of a file");
  requireFunction("fill", fill);
  requireIfGiven("signal", signal, requireSignal);
  signal?.throwIfAborted();
  const folder = dirname(path);
  const temporary = join(folder, `.busbar-${randomBytes(8).toString("hex")}.tmp`);
  const handle = await begin(temporary).catch((error) => {
    throw clarifyRefusal(error, path);
  });
  try {
    const result = await useAndClose(handle, async () => {
      const filled = await fill(createWholeFile(handle, signal));
      await handle.sync();
      return filled;
    });
    signal?.throwIfAborted();
    await rename(temporary, path);
    await syncFolder(folder);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function begin(temporary: string): Promise<FileHandle> {
  makeFolder(dirname(temporary));
  return open(temporary, "wx");
}

function createWholeFile(handle: FileHandle, signal: AbortSignal | undefined): WholeFile {
  return {
    async write(data, encoding = "utf8") {
      signal?.throwIfAborted();
      requireData("data", data);
      const bytes = typeof data === "string" ? Buffer.from(data, encoding) : data;
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done)).bytesWritten;
      }
    },
  };
}

async function useAndClose<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await handle.close();
  }
}

/** Makes the rename durable. Windows cannot open a folder; there the file system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await useAndClose(handle, () => handle.sync());
}
