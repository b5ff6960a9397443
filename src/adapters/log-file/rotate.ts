import { readdirSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

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
  let real: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size <= MAX_LOG_BYTES) return false;
    // Of a link, what it leads to: on a larger disk, say, where the next one is to lie as well.
    real = realpathSync(path);
    renameSync(real, `${real}.${nowIso.replaceAll(/[-:.]/g, "")}-${process.pid}`);
  } catch {
    // Not there yet, rotated by somebody else, or open elsewhere on Windows: it is written as it stands.
    return false;
  }
  try {
    for (const old of oldLogs(real).slice(0, -KEPT_LOGS)) rmSync(old, { force: true });
  } catch {
    // One too many is kept.
  }
  return true;
}

/** Oldest first. */
export function oldLogs(path: string): readonly string[] {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^\d{8}T\d{9}Z-\d+$/.test(name.slice(prefix.length)))
    .sort()
    .map((name) => join(folder, name));
}
