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
  /** Whether the files are still the ones that were opened; costs a microsecond for each. */
  holds(): boolean;
  /**
   * Before anything is read or written, and again after the fsync of a commit: what was synced into a file that lies
   * under its name afterwards is where the next owner looks.
   * @throws BusbarError JOURNAL_GONE
   */
  require(): void;
  /**
   * Before a transaction writes: whether somebody had written into the files by other means than SQLite (`cp`, `>`)
   * when they were looked at last.
   * @param dataVersion of the open transaction, which other connections' commits change
   * @throws BusbarError JOURNAL_GONE
   */
  requireUntouched(dataVersion: number): void;
  /** After a commit of our own, which may have been a checkpoint too, and a look at the files. */
  settle(): void;
  /**
   * As `holds`, but not looked for again where a commit of our own has been settled since the last time, nor twice in a
   * turn of the event loop: of many runs that end in one, each asks.
   */
  heldLately(): boolean;
}

/** Positions of the files whose content counts, and of the one that every process maps. */
const [DATABASE, WAL, SHM] = [0, 1, 2];

/**
 * Of a connection that was opened just now.
 * @param dataVersion of the connection, read before this: others may commit before its first transaction
 */
export function createPresence(stateDir: string, dataVersion?: number): Presence {
  const database = databasePath(stateDir);
  // Whoever finds another -shm shares no locks with us.
  const paths = [database, walPath(stateDir), `${database}-shm`];
  const opened = paths.map(look);
  /** What was found last. One look at each file tells both what it is and whether anything was written into it. */
  const seen = [...opened];
  let shmBytes = 0n;
  let content = contentOf(seen);
  let version = dataVersion;
  /** Others have committed, and may move what they wrote from WAL to database any time later. */
  let isExplained = false;
  let hasSettled = false;
  let hasHeldInTurn = false;
  const noteTurn = (): void => {
    hasHeldInTurn = false;
  };

  function findStranger(): string | undefined {
    for (let at = 0; at < paths.length; at += 1) {
      const path = paths[at] ?? "";
      const now = look(path);
      seen[at] = now;
      if (!isSame(opened[at], now)) return path;
      if (at === SHM && typeof now === "object" && !keepShmLong(path, now.size)) return path;
    }
    return undefined;
  }

  /** A page that SQLite has mapped and the file no longer has ends the process (SIGBUS); of zeros it is made anew from the WAL. */
  function keepShmLong(shm: string, bytes: bigint): boolean {
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
      paths.push(path);
      opened.push(look(path));
    },
    holds: () => findStranger() === undefined,
    require() {
      const stranger = findStranger();
      if (stranger === undefined) return;
      if (look(stateDir) === undefined) throw gone(`The state directory ${stateDir} is gone`);
      const what = `${basename(stranger)} in the state directory ${stateDir}`;
      throw gone(look(stranger) === undefined ? `${what} is gone` : `${what} was replaced by another file`);
    },
    requireUntouched(current) {
      isExplained ||= version !== undefined && current !== version;
      version = current;
      const now = contentOf(seen);
      if (now === undefined || isSameContent(now, content)) return;
      if (!isExplained) refuseDamage(stateDir);
      isExplained = false;
      content = now;
    },
    settle() {
      content = contentOf(seen);
      hasSettled = true;
    },
    heldLately() {
      const isKnown = hasSettled || hasHeldInTurn;
      hasSettled = false;
      if (isKnown) return true;
      hasHeldInTurn = findStranger() === undefined;
      if (hasHeldInTurn) setImmediate(noteTurn);
      return hasHeldInTurn;
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

/** What tells whether anything was written into database or WAL; undefined where one of them may not be looked at. */
type Content = readonly (BigIntStats | undefined)[] | undefined;

function contentOf(seen: readonly ReturnType<typeof look>[]): Content {
  const [database, wal] = [seen[DATABASE], seen[WAL]];
  return database === "unknown" || wal === "unknown" ? undefined : [database, wal];
}

function isSameContent(a: NonNullable<Content>, b: Content): boolean {
  return a.every((one, at) => one?.size === b?.[at]?.size && one?.mtimeNs === b?.[at]?.mtimeNs);
}
