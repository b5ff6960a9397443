import { formatBytes } from "../../kernel/bytes.ts";
import type { Check, PlaceFacts } from "../../ports/checks.ts";

/** A long run of many nodes records some tens of MB. */
const LOW_DISK_BYTES = 256 * 1024 * 1024;

/** The state directory, or where it would be made. */
export function checkStateDir(
  { stateDir, nearest, exists, obstacle, remote }: PlaceFacts,
  allowRemote: boolean,
): Check {
  const state = (ok: boolean, message: string): Check => ({ check: "state_directory", ok, message });
  if (obstacle !== undefined) {
    const remedy = "run busbar as its owner, have its rights changed, or choose another with --state-dir";
    return state(false, `${stateDir} cannot be read and written: ${obstacle}; ${remedy}`);
  }
  if (remote !== undefined && !allowRemote) {
    return state(false, `${nearest} lies on ${remote}, where locks and fsync cannot be trusted: choose a local one`);
  }
  return state(true, exists ? `${stateDir} is writable and local` : `${stateDir} is made by the first run`);
}

export function checkDisk({ freeBytes, nearest }: PlaceFacts): Check {
  const ok = freeBytes >= LOW_DISK_BYTES;
  const amount = freeBytes > 0 ? formatBytes(freeBytes) : "no space";
  const free = `${amount} free at ${nearest}`;
  const only = freeBytes > 0 ? "only " : "";
  return { check: "disk", ok, message: ok ? free : `${only}${free}: make room before the next run` };
}
