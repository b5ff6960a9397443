import { BusbarError } from "../../kernel/errors.ts";
import { quoteWord } from "../../kernel/quote-word.ts";
import { escapeUnseen } from "../../kernel/text.ts";

/** What nodes call one of this machine's folders, and where it is. */
export interface DataDir {
  /** `/data`; `.` for the relative paths of nodes. */
  readonly prefix: string;
  /** A folder of this machine. */
  readonly dir: string;
}

/** A file by its way from a folder of the host. */
export interface Place extends DataDir {
  /** Names of folders, and of the file at last; none is empty, `.` or `..`. */
  readonly parts: readonly [string, ...string[]];
}

/** A path as nodes write it (POSIX), in parts. */
interface Way {
  readonly isAbsolute: boolean;
  readonly parts: readonly string[];
}

/**
 * Where a node's path leads: under the longest prefix that it has. Nothing is looked at, so that this says of no file
 * whether it is there.
 * @throws BusbarError ARTIFACT_REFUSED
 */
export function findPlace(path: string, dataDirs: readonly DataDir[]): Place {
  const way = readWay(path);
  if (way === undefined) return refuse(path, "is no path of a file");
  const fitting = dataDirs.flatMap((dataDir) => {
    const from = readWay(dataDir.prefix);
    return from !== undefined && beginsWith(way, from) ? [{ ...dataDir, depth: from.parts.length }] : [];
  });
  const longest = fitting.toSorted((a, b) => b.depth - a.depth)[0];
  if (longest === undefined) return refuse(path, "lies under no folder that this server was given");
  const { prefix, dir, depth } = longest;
  const [first, ...others] = way.parts.slice(depth);
  if (first === undefined) return refuse(path, "is the folder itself");
  return { prefix, dir, parts: [first, ...others] };
}

/** No link is followed, so that `..` can be taken back here. @returns undefined for what leads above its beginning */
function readWay(path: string): Way | undefined {
  if (path === "" || path.includes("\0") || !isPortable(path)) return undefined;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return { isAbsolute: path.startsWith("/"), parts };
}

/** On Windows a name can hold a folder, a drive or a stream of a file. */
function isPortable(path: string): boolean {
  return process.platform !== "win32" || !/[\\:]/.test(path);
}

function beginsWith(way: Way, from: Way): boolean {
  return way.isAbsolute === from.isAbsolute && from.parts.every((part, index) => way.parts[index] === part);
}

function refuse(path: string, why: string): never {
  throw new BusbarError("ARTIFACT_REFUSED", `${quoteWord(escapeUnseen(path))} ${why}`);
}
