import { existsSync } from "node:fs";
import { BusbarError } from "../kernel/errors.ts";

/** What Node puts in place of bytes that are no UTF-8. */
const REPLACEMENT = "\uFFFD";

/**
 * Refuses arguments and a working directory that are no UTF-8. Node reads them all the same, with signs replaced: runs
 * would be recorded in another directory than the one that was meant.
 *
 * @throws BusbarError USAGE
 */
export function requireReadableNames(argv: readonly string[]): void {
  const unreadable = argv.find((word) => word.includes(REPLACEMENT));
  if (unreadable !== undefined) {
    throw new BusbarError("USAGE", `the argument "${unreadable}" is not UTF-8. Rename what it names.`);
  }
  const folder = workingDirectory();
  if (folder?.includes(REPLACEMENT) && !existsSync(folder)) {
    throw new BusbarError("USAGE", `the path of the working directory, ${folder}, is not UTF-8. Rename it.`);
  }
}

/** @returns undefined where it is gone, which only those need to know who name a relative path */
function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
