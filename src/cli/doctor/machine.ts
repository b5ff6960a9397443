import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { remoteFileSystem } from "../../adapters/journal-sqlite/state-dir.ts";
import { MIN_NODE_MAJOR } from "../node-version.ts";
import type { Check } from "./check.ts";

/** A long run of many nodes records some tens of MB. */
const LOW_DISK_BYTES = 256 * 1024 * 1024;

export function checkNode(version: string): Check {
  const ok = Number(version.split(".")[0]) >= MIN_NODE_MAJOR;
  return {
    check: "node",
    ok,
    message: ok ? `Node.js ${version}` : `Node.js ${version} is too old: install ${MIN_NODE_MAJOR} or newer`,
  };
}

/** The state directory and the disk under it; one that is not there yet is looked for where it would be made. */
export function checkDisk(stateDir: string, allowRemote: boolean): readonly Check[] {
  const there = existsSync(stateDir);
  const place = nearestExisting(stateDir);
  const state = (ok: boolean, message: string): Check => ({ check: "state_directory", ok, message });
  const checks: Check[] = [];
  const disk = statfsSync(place);
  const remote = process.platform === "linux" ? remoteFileSystem(disk.type) : undefined;
  if (!isWritable(place)) {
    checks.push(state(false, `${place} cannot be written: check its permissions, or choose another with --state-dir`));
  } else if (remote !== undefined && !allowRemote) {
    checks.push(
      state(false, `${place} lies on ${remote}, where locks and fsync cannot be trusted: choose a local one`),
    );
  } else {
    checks.push(state(true, there ? `${stateDir} is writable and local` : `${stateDir} is made by the first run`));
  }
  const free = disk.bavail * disk.bsize;
  const megabytes = `${Math.floor(free / 1024 / 1024)} MiB free at ${place}`;
  checks.push({
    check: "disk",
    ok: free >= LOW_DISK_BYTES,
    message: free >= LOW_DISK_BYTES ? megabytes : `only ${megabytes}: free some space before the next run`,
  });
  return checks;
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
