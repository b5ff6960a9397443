import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BusbarError } from "../../kernel/errors.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { pathExists } from "../../kernel/path-exists.ts";
import { tryLock } from "./owner-lock.ts";
import { emptyDatabase } from "./schema.ts";
import { damagedJournal, lockedError } from "./sqlite-errors.ts";

export function databasePath(stateDir: string): string {
  return join(stateDir, "journal.db");
}

export function walPath(stateDir: string): string {
  return `${databasePath(stateDir)}-wal`;
}

/** statfs(2) `f_type` of file systems where locks and fsync cannot be trusted (linux/magic.h). */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
]);

/** The name of a file system that is refused, by its `f_type`. */
export function remoteFileSystem(type: number): string | undefined {
  return REMOTE.get(type >>> 0);
}

/**
 * For whoever writes: SQLite's shared memory and locks do not reach another machine.
 * @throws BusbarError JOURNAL_REMOTE; errors of the file system
 */
export function refuseRemote(stateDir: string): void {
  if (process.platform !== "linux") return;
  const name = remoteFileSystem(statfsSync(nearestExisting(stateDir)).type);
  if (name !== undefined) {
    throw new BusbarError("JOURNAL_REMOTE", `The state directory ${stateDir} lies on ${name}`);
  }
}

export function isRemote(thrown: unknown): boolean {
  return thrown instanceof BusbarError && thrown.code === "JOURNAL_REMOTE";
}

/**
 * Makes the directory, with a .gitignore of its own, if it is not there.
 * @throws BusbarError JOURNAL_REMOTE; errors of the file system
 */
export function prepareStateDir(stateDir: string, allowRemote: boolean): void {
  if (!allowRemote) refuseRemote(stateDir);
  // A folder is durable once the one above it is.
  makeFolder(resolve(stateDir, "owners"), (folder) => syncDirectory(dirname(folder)));
  const ignore = join(stateDir, ".gitignore");
  if (!pathExists(ignore)) writeFileSync(ignore, "*\n");
}

/**
 * Whether runs are recorded here.
 * @throws BusbarError JOURNAL_DAMAGED where only the WAL of a lost database is left, JOURNAL_UNREADABLE where the
 *   directory is a link that leads nowhere; errors of the file system where it may not be looked at
 */
export function holdsJournal(stateDir: string): boolean {
  if (pathExists(databasePath(stateDir))) return true;
  refuseDanglingLink(stateDir);
  refuseOrphanWal(stateDir);
  return false;
}

/** A disk that is not mounted, not a directory without runs. */
function refuseDanglingLink(stateDir: string): void {
  if (pathExists(stateDir) || lstatSync(stateDir, { throwIfNoEntry: false }) === undefined) return;
  const message = `The state directory ${stateDir} is a link to ${readlinkSync(stateDir)}, which is not there`;
  throw new BusbarError("JOURNAL_UNREADABLE", message);
}

/** The path itself, or the first folder above it that is there and may be looked at. */
export function nearestExisting(path: string): string {
  let nearest = resolve(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return nearest;
}

/**
 * Makes the database if it is not there, whole or not at all: a journal.db that
 * is empty or half written is therefore always damage.
 *
 * @throws BusbarError JOURNAL_DAMAGED where only the WAL of a lost database is left; a busy error
 *   while another process is making it
 */
export function makeDatabase(stateDir: string): void {
  const path = databasePath(stateDir);
  if (pathExists(path)) return;
  const lockPath = join(stateDir, "make.lock");
  const lock = tryLock(lockPath);
  if (lock === undefined) throw lockedError(lockPath);
  try {
    if (pathExists(path)) return;
    refuseOrphanWal(stateDir);
    const temporary = join(stateDir, "journal.new");
    rmSync(temporary, { force: true });
    writeFileSync(temporary, emptyDatabase(), { flush: true });
    renameSync(temporary, path);
    syncDirectory(stateDir);
    syncDirectory(dirname(stateDir));
  } finally {
    lock.release();
  }
}

/** SQLite would read the old WAL as part of a new database. */
export function refuseOrphanWal(stateDir: string): void {
  if (pathExists(walPath(stateDir))) {
    throw damagedJournal(stateDir, "journal.db is gone, but journal.db-wal is there");
  }
}

/** Makes a rename durable. Windows has no such thing for directories. */
function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
