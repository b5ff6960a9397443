import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import type { PlaceFacts } from "../../ports/checks.ts";
import { nearestExisting, remoteFileSystem } from "./state-dir.ts";

/** The state directory and the disk under it; of one that is not there yet, where it would be made. */
export function readPlace(stateDir: string): PlaceFacts {
  const nearest = nearestExisting(stateDir);
  const disk = statfsSync(nearest);
  const remote = process.platform === "linux" ? remoteFileSystem(disk.type) : undefined;
  return {
    stateDir,
    exists: existsSync(stateDir),
    nearest,
    isWritable: isWritable(nearest),
    ...(remote === undefined ? {} : { remote }),
    freeBytes: disk.bavail * disk.bsize,
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
