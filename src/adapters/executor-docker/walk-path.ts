// Where a path leads on this machine, and through which folders: whoever writes to one of those can change it.
import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A path with its links followed. */
export interface Walk {
  /** Without links; of what is not there the path is as it would be made. */
  readonly real: string;
  /** Folders in which a name was looked up on the way, without links. */
  readonly through: readonly string[];
  readonly exists: boolean;
}

/** As Linux has it (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * @param path absolute
 * @returns undefined where it cannot be said: too many links, a folder that may not be looked into
 */
export async function walkPath(path: string): Promise<Walk | undefined> {
  if (process.platform === "win32") return walkOnWindows(path);
  const left = path.split("/").reverse();
  const through: string[] = [];
  let current = "/";
  let links = 0;
  let exists = true;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      current = dirname(current);
      continue;
    }
    const next = join(current, name);
    through.push(current);
    const target = exists ? await lookAt(next) : "nothing";
    if (target === undefined) return undefined;
    // The engine makes it, also at the other end of a link.
    if (target === "nothing") exists = false;
    if (typeof target === "string") {
      current = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (target.link.startsWith("/")) current = "/";
    left.push(...target.link.split("/").reverse());
  }
  return { real: current, through, exists };
}

/** Host policies are for POSIX paths: through which folders is not asked there. */
async function walkOnWindows(path: string): Promise<Walk | undefined> {
  try {
    return { real: await realpath(path), through: [], exists: true };
  } catch (error) {
    return isNothing(error) ? { real: path, through: [], exists: false } : undefined;
  }
}

function isNothing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Something else may have taken the place of a link before it is read: it is looked at again. */
const MAX_LOOKS = 1000;

async function lookAt(path: string): Promise<{ readonly link: string } | "there" | "nothing" | undefined> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    try {
      const found = await lstat(path);
      return found.isSymbolicLink() ? { link: await readlink(path) } : "there";
    } catch (error) {
      if (isNothing(error)) return "nothing";
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") return undefined;
    }
  }
  return undefined;
}
