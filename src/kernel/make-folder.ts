import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. Without mkdir's option `recursive`: in a folder such as /proc or
 * /sys, where making one fails with ENOENT, Node 24 then tries again for ever, and no signal ends it.
 *
 * @param onMade told of each folder that was made, the outermost first
 * @throws the error of the file system; EEXIST or ENOTDIR where something else lies in the way
 */
export function makeFolder(path: string, onMade?: (folder: string) => void): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, onMade);
  try {
    mkdirSync(path);
    onMade?.(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

/** False also for what may not be looked at. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
