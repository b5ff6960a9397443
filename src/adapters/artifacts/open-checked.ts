import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { changed, notFound, refused, sayWhy } from "./refusals.ts";

/**
 * For systems on which a handle cannot be gone on from: looks at every part of the way, opens, and looks again whether
 * the way still leads to what was opened. Not guarded against: somebody who can write to the folder, and puts a link
 * into the way and takes it out again at two moments, in the middle of these.
 *
 * @throws BusbarError ARTIFACT_NOT_FOUND, ARTIFACT_REFUSED, ARTIFACT_CHANGED
 */
export async function openChecked({ prefix, dir, parts }: Place): Promise<FileHandle> {
  const name = parts.at(-1) ?? "";
  const root = await realpath(dir).catch((thrown: unknown) => sayWhy(thrown, prefix));
  await walk(root, parts);
  // What is no regular file by now: a pipe does not make anybody wait, a link is not followed where that can be said.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(join(root, ...parts), flags).catch((thrown: unknown) => sayWhy(thrown, name));
  try {
    const opened = await handle.stat();
    const found = await walk(root, parts);
    if (opened.dev !== found.dev || opened.ino !== found.ino) throw changed(name);
    return handle;
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** @returns what the way ends at */
async function walk(root: string, parts: Place["parts"]): Promise<Stats> {
  let path = root;
  let found: Stats | undefined;
  for (const part of parts) {
    if (found !== undefined && !found.isDirectory()) notFound(part, "is not there");
    path = join(path, part);
    found = await lstat(path).catch((thrown: unknown) => sayWhy(thrown, part));
    if (found.isSymbolicLink()) refused(part, "is a link, and those are not followed");
  }
  return found?.isFile() ? found : refused(parts.at(-1) ?? "", "is no regular file");
}
