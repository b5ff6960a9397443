import { statSync } from "node:fs";

/**
 * Whether anything has the name. Unlike `existsSync`, which says no of everything that it may not look at: another
 * user's folder is no empty one, and neither is a file where a folder should be (`throwIfNoEntry` hides that, too).
 * @throws errors of the file system, but for ENOENT
 */
export function pathExists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return false;
    throw thrown;
  }
}
