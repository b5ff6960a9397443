// A file that is open stays writable when its name is gone or leads to another one: SQLite would go on, every fsync
// would succeed, and nobody would ever read what was recorded. So whoever writes asks whether the files that it has
// open are the ones that everybody else finds.
import { type BigIntStats, statSync, truncateSync } from "node:fs";
import { basename } from "node:path";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import { openForReading } from "./connection.ts";
import { findDamage } from "./integrity.ts";
import { createReads } from "./reads.ts";
import { toJournalError } from "./sqlite-errors.ts";
import { databasePath, walPath } from "./state-dir.ts";

export interface Presence {
  /** Another file that was made just now and must stay: without its lock, others take an owner for dead. */
  include(path: string): void;
  /** Whether the files are still the ones that were opened; costs a microsecond or two. */
  holds(): boolean;
  /**
   * Before anything is read or written, and again after the fsync of a commit: what was synced into a file that lies
   * under its name afterwards is where the next owner looks.
   * @throws BusbarError JOURNAL_GONE
   */
  require(): void;
  /**
   * Before a transaction writes: whether somebody has written into the files by other means than SQLite (`cp`, `>`).
   * @param dataVersion of the open transaction, which other connections' commits change
   * @throws BusbarError JOURNAL_GONE
   */
  requireUntouched(dataVersion: number): void;
  /** After a commit of our own, which may have been a checkpoint too. */
  settle(): void;
}

/** Of a connection that was opened just now. */
export function createPresence(stateDir: string): Presence {
  const [database, wal] = [databasePath(stateDir), walPath(stateDir)];
  const shm = `${database}-shm`;
  // Whoever finds another -shm shares no locks with us.
  const opened = new Map([database, wal, shm].map((path) => [path, look(path)]));
  let shmBytes = 0n;
  let content = contentOf(database, wal);
  let version: number | undefined;
  /** Others have committed, and may move what they wrote from WAL to database any time later. */
  let isExplained = false;

  function findStranger(): string | undefined {
    for (const [path, before] of opened) {
      const now = look(path);
      if (!isSame(before, now)) return path;
      if (path === shm && typeof now === "object" && !keepShmLong(now.size)) return path;
    }
    return undefined;
  }

  /** A page that SQLite has mapped and the file no longer has ends the process (SIGBUS); of zeros it is made anew from the WAL. */
  function keepShmLong(bytes: bigint): boolean {
    if (bytes >= shmBytes) {
      shmBytes = bytes;
      return true;
    }
    try {
      truncateSync(shm, Number(shmBytes));
      return true;
    } catch {
      return false;
    }
  }

  return {
    include(path) {
      opened.set(path, look(path));
    },
    holds: () => findStranger() === undefined,
    require() {
      const stranger = findStranger();
      if (stranger === undefined) return;
      if (look(stateDir) === undefined) throw gone(`The state directory ${stateDir} is gone`);
      const what = `${basename(stranger)} in the state directory ${stateDir}`;
      throw gone(look(stranger) === undefined ? `${what} is gone` : `${what} was replaced by another file`);
    },
    requireUntouched(dataVersion) {
      isExplained ||= version !== undefined && dataVersion !== version;
      version = dataVersion;
      const now = contentOf(database, wal);
      if (now === content || now === undefined) return;
      if (!isExplained) refuseDamage(stateDir);
      isExplained = false;
      content = now;
    },
    settle() {
      content = contentOf(database, wal);
    },
  };
}

function gone(why: string, cause?: unknown): BusbarError {
  return new BusbarError("JOURNAL_GONE", why, { cause });
}

/** @throws BusbarError JOURNAL_GONE where anything is damaged */
function refuseDamage(stateDir: string): void {
  const damage = findDamageAnew(stateDir);
  if (damage?.code !== "JOURNAL_DAMAGED") return;
  throw gone(`The journal in ${stateDir} was overwritten from outside: ${damage.message}`, damage);
}

/** Reads all of it, as a newcomer finds it: what this process has in memory proves nothing. */
function findDamageAnew(stateDir: string): ErrorInfo | undefined {
  try {
    const db = openForReading(databasePath(stateDir), stateDir);
    try {
      const reads = createReads(db, stateDir, () => true);
      return findDamage(db, reads, stateDir)[0]?.error;
    } finally {
      db.close();
    }
  } catch (thrown) {
    return toJournalError(thrown, { stateDir, readOnly: true });
  }
}

/** What has the name; undefined if nothing has. Where that may not be looked at, `unknown`: that is no proof of anything. */
function look(path: string): BigIntStats | "unknown" | undefined {
  try {
    // Exact: inode numbers of some file systems have 64 bits.
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    // A file, or links in a circle, where the directory was.
    return code === "ENOTDIR" || code === "ELOOP" ? undefined : "unknown";
  }
}

function isSame(a: ReturnType<typeof look>, b: ReturnType<typeof look>): boolean {
  if (a === "unknown" || b === "unknown") return true;
  return a?.dev === b?.dev && a?.ino === b?.ino;
}

/** Differs when anything was written into one of them; undefined where that may not be looked at. */
function contentOf(...paths: readonly string[]): string | undefined {
  const found = paths.map(look);
  if (found.includes("unknown")) return undefined;
  return found.map((one) => (typeof one === "object" ? `${one.size} ${one.mtimeNs}` : "")).join(" ");
}
