import { type FieldChecks, requireClock, requireFields, requireWord } from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { AccessReader } from "../../ports/access.ts";
import type { IntegrityCheck } from "../../ports/checks.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { openForReading, openForWriting } from "./connection.ts";
import { findStateObstacle } from "./obstacle.ts";
import { type Connection, openLate } from "./open-late.ts";
import { createPresence } from "./presence.ts";
import { takeSnapshot } from "./snapshot.ts";
import { isUnwritable } from "./sqlite-errors.ts";
import { databasePath } from "./state-dir.ts";

/** The journal of a state directory, for reading. */
export interface SqliteReader extends JournalReader, IntegrityCheck, AccessReader {}

/** Where the runs are. */
export interface JournalReaderOptions {
  readonly stateDir: string;
  readonly clock: Clock;
}

const OPTIONS: FieldChecks<JournalReaderOptions> = {
  stateDir: (name, value) => requireWord(name, value, "the path of a directory"),
  clock: requireClock,
};

/**
 * Opens the journal of a state directory for reading: no owner, no lock, and
 * nothing is made where nothing is. A directory that does not exist reads as one
 * without runs. One that cannot be written is read from a private copy, which
 * shows the moment of its making.
 * @throws BusbarError USAGE; what is wrong with the journal is told by its methods
 */
export function openJournalReader(options: JournalReaderOptions): SqliteReader {
  requireFields("options", options, OPTIONS, "an object {stateDir, clock}");
  return openLate(options, () => openExisting(options.stateDir)).reader;
}

/** A database that is there; a private copy of it where the directory cannot be written. */
export function openExisting(stateDir: string): Connection {
  try {
    const db = openForReading(databasePath(stateDir), stateDir);
    return { db, presence: createPresence(stateDir), close: () => db.close() };
  } catch (thrown) {
    // What cannot be read cannot be copied either.
    if (!isUnwritable(thrown) || findStateObstacle(stateDir, "read") !== undefined) throw thrown;
  }
  const snapshot = takeSnapshot(stateDir);
  try {
    const db = openForWriting(snapshot.databasePath, stateDir, "OFF");
    return {
      db,
      close() {
        db.close();
        snapshot.remove();
      },
    };
  } catch (thrown) {
    snapshot.remove();
    throw thrown;
  }
}
