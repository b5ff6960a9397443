// Whether an owner lives is asked of the operating system (E6, J5): each holds an exclusive lock on a
// file of its own, which dies with the process. The lock is SQLite's, so that it is the same on every
// platform. Never open a lock file by any other means in the process that holds it: on POSIX, closing
// any descriptor of a file drops all the process's locks on it.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathExists } from "../../kernel/path-exists.ts";
import { isBusy } from "./sqlite-errors.ts";

/** Dead owners' files that one opening removes, so that a pile of them delays nobody. */
const MAX_CLEANED = 16;

const SUFFIX = ".lock";

/**
 * All locks that are held. A connection that nobody refers to is closed by the garbage collector, and its lock goes
 * with it: an owner that lives would be taken for dead.
 */
const held = new Set<DatabaseSync>();

export interface HeldLock {
  release(): void;
}

function ownersDir(stateDir: string): string {
  return join(stateDir, "owners");
}

export function ownerLockPath(stateDir: string, ownerId: string): string {
  return join(ownersDir(stateDir), `${ownerId}${SUFFIX}`);
}

/** A lock of this process under an id that no row names yet. */
export interface Claim {
  readonly id: string;
  /** Ends the owner. */
  release(): void;
}

/**
 * Makes this process an owner, before its id can stand in any row.
 * @param makeId  called until an id is free
 * @param isKnown whether a row names this id: an owner that is dead must stay so
 */
export function claimOwner(stateDir: string, makeId: () => string, isKnown: (id: string) => boolean): Claim {
  for (;;) {
    const id = makeId();
    const path = ownerLockPath(stateDir, id);
    const lock = tryLock(path);
    if (lock === undefined) continue;
    let known = true;
    try {
      known = isKnown(id);
    } finally {
      if (known) lock.release();
    }
    if (known) continue;
    const release = (): void => {
      // Unlinked while it is held, so that no file is left that nobody holds; Windows removes no open file.
      if (process.platform !== "win32") removeIfPossible(path);
      lock.release();
      if (process.platform === "win32") removeIfPossible(path);
    };
    return { id, release };
  }
}

/** Takes the lock without waiting; undefined while anybody else holds or probes it. */
export function tryLock(path: string): HeldLock | undefined {
  const db = new DatabaseSync(path);
  try {
    // Beginning an empty database would make a rollback journal beside it.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (thrown) {
    db.close();
    if (isBusy(thrown)) return undefined;
    throw thrown;
  }
  // A cleaner may have unlinked the file between its making and its locking: then nobody can find this lock.
  if (!pathExists(path)) {
    db.close();
    return undefined;
  }
  held.add(db);
  return {
    release() {
      held.delete(db);
      db.close();
    },
  };
}

/**
 * Whether a process holds the lock. Takes a shared lock for a moment, so that
 * any number of probes never take each other for an owner.
 */
export function isLocked(path: string): boolean {
  return whileUnlocked(path, () => undefined) === "locked";
}

/** Runs `action` while nobody can take the lock; says so if somebody holds it. */
function whileUnlocked(path: string, action: () => void): "locked" | "done" {
  if (!pathExists(path)) return "done";
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly: true });
  } catch (thrown) {
    if (!pathExists(path)) return "done";
    throw thrown;
  }
  try {
    db.exec("BEGIN; SELECT 1 FROM sqlite_schema");
    action();
    return "done";
  } catch (thrown) {
    if (isBusy(thrown)) return "locked";
    throw thrown;
  } finally {
    db.close();
  }
}

/** The ids of all owners that have a lock file, dead or alive. */
export function listOwnerIds(stateDir: string): readonly string[] {
  if (!pathExists(ownersDir(stateDir))) return [];
  return readdirSync(ownersDir(stateDir))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
}

/** Removes lock files of dead owners. A file is unlinked while no owner can lock it. */
export function cleanOwners(stateDir: string, ownId: string): void {
  const others = listOwnerIds(stateDir).filter((id) => id !== ownId);
  for (const id of others.slice(0, MAX_CLEANED)) removeIfDead(ownerLockPath(stateDir, id));
}

/** One that is left is a dead owner's, for the next opening to remove. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The directory is gone, or not ours to write in any more.
  }
}

function removeIfDead(path: string): void {
  const remove = (): void => rmSync(path, { force: true });
  const onWindows = process.platform === "win32";
  try {
    const state = whileUnlocked(path, onWindows ? () => undefined : remove);
    // Windows removes no open file: not ours before it is closed, and never one that an owner holds.
    if (state === "done" && onWindows) remove();
  } catch {
    // Tidying must not stop anybody; the next opening tries again.
  }
}
