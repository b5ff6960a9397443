import { accessSync, constants, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeFailure } from "./describe-failure.ts";

/** What is to be done with a file or folder. */
export type Access = "read" | "write";

/** Who this process is; `process` itself. Windows has no such numbers. */
export type Self = Pick<NodeJS.Process, "geteuid" | "getegid">;

export interface Obstacle {
  readonly path: string;
  /** Goes on from "… cannot be read: "; where it is a matter of rights, whose it is, and who we are. */
  readonly why: string;
}

/**
 * What keeps this process from a file or folder, of all that lies on the way to it.
 * @param path where nothing is there, what keeps it from being made
 * @returns undefined where nothing does
 */
export function findObstacle(path: string, access: Access, self: Self): Obstacle | undefined {
  const way = wayTo(resolve(path));
  for (const folder of way.slice(0, -1)) {
    const refusal = refusalOf(folder, constants.X_OK);
    if (refusal === undefined) continue;
    const beyond = findBeyondLink(folder, refusal, "read", self);
    if (beyond !== undefined) return beyond;
    const why = isFolder(folder) ? describe(folder, refusal, self) : `${folder} is no directory`;
    return { path: folder, why };
  }
  const refusal = refusalOf(path, rightsTo(path, access));
  if (refusal !== undefined)
    return findBeyondLink(path, refusal, access, self) ?? { path, why: describe(path, refusal, self) };
  const nearest = way.findLast((one) => refusalOf(one, constants.F_OK) === undefined);
  if (access === "read" || nearest === undefined || nearest === way.at(-1)) return undefined;
  return findObstacle(nearest, access, self);
}

/** A link keeps nobody out; what lies on the way that it leads to may. */
function findBeyondLink(link: string, refusal: unknown, access: Access, self: Self): Obstacle | undefined {
  // Not of links in a circle (ELOOP), which lead nowhere.
  if (!isOfRights(refusal)) return undefined;
  let target: string;
  try {
    target = resolve(dirname(link), readlinkSync(link));
  } catch {
    return undefined;
  }
  return findObstacle(target, access, self);
}

function rightsTo(path: string, access: Access): number {
  const rights = access === "read" ? constants.R_OK : constants.W_OK;
  return isFolder(path) ? rights | constants.X_OK : rights;
}

/** The root, and every folder down to the path. */
function wayTo(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...wayTo(parent), path];
}

/** Missing is no refusal, unless existence is what is asked. */
function refusalOf(path: string, rights: number): unknown {
  try {
    accessSync(path, rights);
    return undefined;
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    return isMissing && rights !== constants.F_OK ? undefined : thrown;
  }
}

/** Also of what may not be looked at: there it is not known to be anything else. */
function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() ?? true;
}

function isOfRights(refusal: unknown): boolean {
  return refusal instanceof Error && "code" in refusal && (refusal.code === "EACCES" || refusal.code === "EPERM");
}

function describe(path: string, refusal: unknown, { geteuid, getegid }: Self): string {
  const found = isOfRights(refusal) ? lookAt(path) : undefined;
  if (found === undefined || geteuid === undefined || getegid === undefined) {
    return `${path}: ${describeFailure(refusal)}`;
  }
  const { uid, gid, mode } = found;
  const rights = (mode & 0o7777).toString(8).padStart(4, "0");
  return `${path} belongs to user ${uid}, group ${gid} (mode ${rights}), and this process runs as user ${geteuid()}, group ${getegid()}`;
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
