import { DatabaseSync } from "node:sqlite";
import { BusbarError } from "../../kernel/errors.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";
import { damagedJournal, newerJournal } from "./sqlite-errors.ts";

/**
 * Opens the database for writing, and makes sure that a commit is durable (J1).
 * @throws BusbarError JOURNAL_NEWER, JOURNAL_DAMAGED, JOURNAL_FAILED; errors of SQLite, also busy ones
 */
export function openForWriting(path: string, stateDir: string, synchronous: "FULL" | "OFF"): DatabaseSync {
  // No waiting inside SQLite, which would block the event loop: whoever calls tries again.
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    checkVersion(db, stateDir);
    // fullfsync: on macOS a plain fsync leaves the data in the drive's cache. No other system knows it.
    db.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA fullfsync = ${synchronous === "FULL" ? 1 : 0}`);
    const mode = pragma(db, "journal_mode");
    const level = pragma(db, "synchronous");
    if (mode !== "wal" || level !== (synchronous === "FULL" ? 2 : 0)) {
      throw new BusbarError(
        "JOURNAL_FAILED",
        `The journal in ${stateDir} is not durable here: journal_mode is ${mode}, synchronous is ${level}`,
      );
    }
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** Opens the database for reading only. SQLite may make its -wal and -shm files beside it; those of a live owner are shared. */
export function openForReading(path: string, stateDir: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 0, readOnly: true });
  try {
    checkVersion(db, stateDir);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function checkVersion(db: DatabaseSync, stateDir: string): void {
  const version = Number(pragma(db, "user_version"));
  const application = pragma(db, "application_id");
  if (application !== APPLICATION_ID || version < 1) {
    throw damagedJournal(stateDir, "journal.db is empty or not a journal of Busbar");
  }
  if (version > SCHEMA_VERSION) {
    throw newerJournal(stateDir, version, SCHEMA_VERSION);
  }
}

function pragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

/** Commits of other connections change it, own ones do not. */
export function dataVersionOf(db: DatabaseSync): number {
  return Number(pragma(db, "data_version"));
}
