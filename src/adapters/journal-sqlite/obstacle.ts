import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Access, findObstacle } from "../../kernel/access.ts";

/** MAX_PATHNAME of SQLite on Unix, which every name that it opens must keep: `journal.db-journal` is the longest. */
const LONGEST_PATH_BYTES = 512;

/**
 * What keeps this process from the state directory, or from anything in it that a journal needs; undefined if nothing
 * does. Whoever writes there reads, too.
 */
export function findStateObstacle(stateDir: string, access: Access): string | undefined {
  if (access === "write") return findStateObstacle(stateDir, "read") ?? findAny(stateDir, "write");
  return findAny(stateDir, access);
}

function findAny(stateDir: string, access: Access): string | undefined {
  const obstacle = findObstacle(stateDir, access, process)?.why ?? findMisshape(stateDir);
  if (obstacle !== undefined) return obstacle;
  const files = ["journal.db", "journal.db-wal", "journal.db-shm"];
  // A lock is read by whoever asks for its owner; only the owner writes it.
  const locks = namesIn(join(stateDir, "owners")).map((name) => join("owners", name));
  return (
    firstOf([...files, "owners"], (name) => findObstacle(join(stateDir, name), access, process)?.why) ??
    firstOf(locks, (name) => findObstacle(join(stateDir, name), "read", process)?.why)
  );
}

/** What no rights would mend, and SQLite has no words for. */
function findMisshape(stateDir: string): string | undefined {
  const found = lookAt(stateDir, statSync);
  if (found === undefined && lookAt(stateDir, lstatSync)?.isSymbolicLink() === true) {
    return `it is a link to ${readlinkSync(stateDir)}, which is not there`;
  }
  const database = resolve(stateDir, "journal.db");
  const spare = LONGEST_PATH_BYTES - Buffer.byteLength(`${database}-journal`);
  if (process.platform !== "win32" && spare < 0) return `its path is ${-spare} bytes longer than SQLite takes`;
  if (lookAt(database, statSync)?.isFile() === false) return `${database} is no file`;
  const owners = join(stateDir, "owners");
  return lookAt(owners, statSync)?.isDirectory() === false ? `${owners} is no directory` : undefined;
}

/** Undefined also of what may not be looked at: that is a matter of rights. */
function lookAt(path: string, stat: (path: string) => Stats): Stats | undefined {
  try {
    return stat(path);
  } catch {
    return undefined;
  }
}

function firstOf(names: readonly string[], find: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const found = find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What keeps it from being listed is found in the folder itself.
    return [];
  }
}
