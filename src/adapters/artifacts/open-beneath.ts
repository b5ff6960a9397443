import { constants, existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { openChecked } from "./open-checked.ts";
import type { Place } from "./place.ts";
import { notFound, refused, sayWhy } from "./refusals.ts";

/** Opens a regular file beneath a folder, and follows no link on the way. */
export type OpenBeneath = (place: Place) => Promise<FileHandle>;

/**
 * Linux: a handle that stands for the thing itself, also for a link, and does not open it. No name in `fs.constants`;
 * the number is that of all processors that Node runs on.
 */
const O_PATH = 0o10_000_000;

/** Where a handle can be gone on from, as openat(2) does. */
const OWN_HANDLES = "/proc/self/fd";

const hasOwnHandles = process.platform === "linux" && existsSync(OWN_HANDLES);

/** @throws BusbarError ARTIFACT_NOT_FOUND, ARTIFACT_REFUSED */
export const openBeneath: OpenBeneath = (place) => (hasOwnHandles ? openByHandles(place) : openChecked(place));

/**
 * Goes down from handle to handle, each of which stays what it is whatever becomes of its name. Nothing is opened before
 * it is known to be a regular file: what a name leads to can be looked at through its handle alone.
 */
async function openByHandles({ prefix, dir, parts }: Place): Promise<FileHandle> {
  // The host's own folder may be a link: the host says so.
  let here = await openPart(dir, constants.O_DIRECTORY, prefix);
  for (const [index, part] of parts.entries()) {
    const above = here;
    try {
      here = await openPart(`${OWN_HANDLES}/${above.fd}/${part}`, constants.O_NOFOLLOW, part);
    } finally {
      await above.close();
    }
    await requireKind(here, index === parts.length - 1 ? "file" : "folder", part);
  }
  try {
    return await open(`${OWN_HANDLES}/${here.fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return sayWhy(thrown, parts.at(-1) ?? "");
  } finally {
    await here.close();
  }
}

async function openPart(path: string, flags: number, name: string): Promise<FileHandle> {
  try {
    return await open(path, O_PATH | flags);
  } catch (thrown) {
    return sayWhy(thrown, name);
  }
}

/** Closes what is another. */
async function requireKind(handle: FileHandle, kind: "file" | "folder", name: string): Promise<void> {
  try {
    const found = await handle.stat();
    if (kind === "file" ? found.isFile() : found.isDirectory()) return;
    if (found.isSymbolicLink()) refused(name, "is a link, and those are not followed");
    if (kind === "file") refused(name, "is no regular file");
    notFound(name, "is no folder");
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}
