import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { requireText, requireWord } from "../kernel/arguments.ts";
import { describeFailure } from "../kernel/describe-failure.ts";
import { makeFolder } from "../kernel/make-folder.ts";
import { clarifyRefusal } from "./refusal.ts";

/**
 * The one folder whose files a service reads and writes.
 *
 * A relative path is taken from it, an absolute one must lie inside it. What
 * leads outside by `..`, by a symbolic link (of the file or of a folder above
 * it, dangling or not) or as another absolute path is refused. Not guarded
 * against: somebody who swaps a folder for a link between the check and the use,
 * and so can write to the data root already.
 */
export interface DataRoot {
  /** Absolute, links resolved. */
  readonly path: string;
  /**
   * Where a path of a request leads.
   * @returns absolute, without links; whether anything is there is not said
   * @throws Error that names the root and the way out
   */
  locate(path: string): Promise<string>;
}

/**
 * Opens the folder whose files a service reads and writes.
 * @param root made if it is not there
 * @throws BusbarError USAGE; Error that says what is in the way where it cannot be made
 */
export async function createDataRoot(root: string): Promise<DataRoot> {
  requireWord("root", root, "the path of a folder");
  const named = resolve(root);
  const real = await openRoot(named);

  const refuse = (path: string): never => {
    throw new Error(
      `${path} is outside DATA_ROOT ${named}; to run the original's files start the services with DATA_ROOT=/data`,
    );
  };
  const locate = async (path: string): Promise<string> => {
    requireText("path", path);
    if (path.includes("\0")) throw new Error("a path has a NUL character");
    // An absolute path may name the root as it was given or as it really is.
    const inNamed = relativeInside(named, isAbsolute(path) ? resolve(path) : resolve(named, path));
    const inside = inNamed ?? (isAbsolute(path) ? relativeInside(real, resolve(path)) : undefined);
    if (inside === undefined) return refuse(path);

    let current = real;
    const parts = inside.split(sep).filter((part) => part !== "");
    for (const [index, part] of parts.entries()) {
      const next = join(current, part);
      const kind = await kindOf(next);
      if (kind === "nothing") return join(next, ...parts.slice(index + 1));
      if (kind === "link") {
        const target = await realpath(next).catch(() => undefined);
        if (target === undefined || relativeInside(real, target) === undefined) return refuse(path);
        current = target;
      } else {
        current = next;
      }
    }
    return current;
  };
  return { path: real, locate };
}

/** @returns its real path */
async function openRoot(named: string): Promise<string> {
  try {
    makeFolder(named);
    return await realpath(named);
  } catch (cause) {
    const clear = clarifyRefusal(cause, named);
    if (clear !== cause) throw clear;
    const reason = describeFailure(cause);
    throw new Error(`DATA_ROOT ${named} cannot be made: ${reason}; choose another folder`, { cause });
  }
}

/** The way from a folder to a path below it (empty for itself), or undefined if it is not below. */
function relativeInside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  const outside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  return outside ? undefined : way;
}

async function kindOf(path: string): Promise<"nothing" | "link" | "other"> {
  try {
    return (await lstat(path)).isSymbolicLink() ? "link" : "other";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A file where a folder should be: what lies "below" it is not there either.
    if (code === "ENOENT" || code === "ENOTDIR") return "nothing";
    throw error;
  }
}
