import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A file that is written, and takes its place when it is told to. */
export interface WrittenFile {
  /** Durable, and under its name. @throws the error of the file system */
  place(): void;
  /** Nothing is left of it. */
  drop(): void;
}

/**
 * Writes a file beside the place that it is to take, so that it appears there whole or not at all.
 * @throws the error of the file system; nothing is left then
 */
export function writeBeside(path: string, text: string, isDurable: boolean): WrittenFile {
  const temporary = join(dirname(path), `.busbar-${randomBytes(8).toString("hex")}.tmp`);
  const drop = (): void => rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, text, { flag: "wx", flush: isDurable });
  } catch (thrown) {
    drop();
    throw thrown;
  }
  return {
    drop,
    place() {
      try {
        renameSync(temporary, path);
      } catch (thrown) {
        drop();
        throw thrown;
      }
      if (isDurable) syncFolder(dirname(path));
    },
  };
}

/** Makes durable what lies where in a folder. Windows has no such thing. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
