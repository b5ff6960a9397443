import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./end-with-npm.mjs";

const FILE = "demo.pid";

/**
 * Two demos that write to one folder would each show what the other has written.
 * @returns gives it back
 * @throws Error where a demo that still runs has it
 */
export function claimFolder(folder: string): () => void {
  const file = join(folder, FILE);
  const owner = readOwner(file);
  if (owner !== undefined && !isAlive(owner)) rmSync(file, { force: true }); // it was killed
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(
      `another demo (process ${readOwner(file) ?? "unknown"}) writes to ${folder}: ` +
        "wait until it ends, or name another folder with --data-root",
    );
  }
  return () => rmSync(file, { force: true });
}

function readOwner(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}
