import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { findObstacle } from "../../kernel/access.ts";
import type { PlaceFacts } from "../../ports/checks.ts";
import { findStateObstacle } from "./obstacle.ts";
import { nearestExisting, remoteFileSystem } from "./state-dir.ts";

/** The state directory and the disk under it; of one that is not there yet, where it would be made. */
export function readPlace(stateDir: string): PlaceFacts {
  const nearest = nearestExisting(stateDir);
  const disk = statfsSync(nearest);
  const remote = process.platform === "linux" ? remoteFileSystem(disk.type) : undefined;
  const logs = ["logs", "run-logs"].map((name) => findObstacle(join(stateDir, name), "write", process)?.why);
  const obstacle = [findStateObstacle(stateDir, "write"), ...logs].find((why) => why !== undefined);
  return {
    stateDir,
    exists: existsSync(stateDir),
    nearest,
    ...(obstacle === undefined ? {} : { obstacle }),
    ...(remote === undefined ? {} : { remote }),
    freeBytes: disk.bavail * disk.bsize,
  };
}
