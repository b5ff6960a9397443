import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** semantics.md, "Log file". */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;
export const KEPT_LOGS = 5;

/**
 * Renames a log that has grown too large and removes the oldest ones beyond
 * those kept. Old logs are named by the time of their rotation instead of being
 * counted, so that two processes that rotate at once never overwrite one. A
 * process that still has the old file open writes to it until it sees that: no line is lost.
 *
 * @param path    of the log that is written
 * @param nowIso  RFC 3339 with milliseconds
 * @returns whether it was put aside, by this process
 */
export function rotateLog(path: string, nowIso: string): boolean {
  try {
    if (statSync(path).size <= MAX_LOG_BYTES) return false;
    renameSync(path, `${path}.${nowIso.replaceAll(/[-:.]/g, "")}-${process.pid}`);
  } catch {
    // Not there yet, rotated by somebody else, or open elsewhere on Windows: it is written as it stands.
    return false;
  }
  try {
    for (const old of oldLogs(path).slice(0, -KEPT_LOGS)) rmSync(old, { force: true });
  } catch {
    // One too many is kept.
  }
  return true;
}

/** Oldest first. */
export function oldLogs(path: string): readonly string[] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => /^orchestrator\.log\.\d{8}T\d{9}Z-\d+$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
