import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { requireClock, requireObject, requireWord } from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { retryWhileBusy } from "./busy.ts";
import { openForReading, openForWriting } from "./connection.ts";
import { findDamage, type IntegrityFinding } from "./integrity.ts";
import { isLocked, ownerLockPath } from "./owner-lock.ts";
import { createReads, type Reads } from "./reads.ts";
import { takeSnapshot } from "./snapshot.ts";
import { isUnwritable, toJournalError } from "./sqlite-errors.ts";
import { databasePath, refuseOrphanWal } from "./state-dir.ts";

/** The journal of a state directory, for reading. */
export interface SqliteReader extends JournalReader {
  /** Reads everything and compares it with itself: for `busbar doctor`. */
  checkIntegrity(): Promise<readonly IntegrityFinding[]>;
}

interface Opened {
  readonly db: DatabaseSync;
  readonly reads: Reads;
  close(): void;
}

/**
 * Opens the journal of a state directory for reading: no owner, no lock, and
 * nothing is made where nothing is. A directory that does not exist reads as one
 * without runs. One that cannot be written is read from a private copy, which
 * shows the moment of its making.
 * @throws BusbarError USAGE; what is wrong with the journal is told by its methods
 */
export function openJournalReader(options: { readonly stateDir: string; readonly clock: Clock }): SqliteReader {
  requireObject("options", options, "an object {stateDir, clock}");
  requireWord("options.stateDir", options.stateDir, "the path of a directory");
  requireClock("options.clock", options.clock);
  const { stateDir, clock } = options;
  let opened: Opened | undefined;
  let closed = false;

  const connect = (): Reads | undefined => {
    if (opened !== undefined) return opened.reads;
    if (!existsSync(databasePath(stateDir))) {
      refuseOrphanWal(stateDir);
      return undefined;
    }
    opened = openExisting(stateDir);
    return opened.reads;
  };
  const read = async <T>(action: (reads: Reads) => T, empty: T): Promise<T> => {
    if (closed) throw new BusbarError("JOURNAL_FAILED", `The journal in ${stateDir} is closed`);
    try {
      const attempt = (): T => {
        const reads = connect();
        return reads === undefined ? empty : action(reads);
      };
      return await retryWhileBusy(
        clock,
        attempt,
        () => new BusbarError("JOURNAL_BUSY", `The journal in ${stateDir} stays locked`),
      );
    } catch (thrown) {
      throw toJournalError(thrown, { stateDir });
    }
  };

  return {
    readRun: (runId) => read((reads) => reads.run(runId), undefined),
    listRuns: (filter = {}) => read((reads) => reads.runs(filter), []),
    readEvents: (runId, afterSeq = 0) => read((reads) => reads.events(runId, afterSeq), []),
    readDefinition: (hash) => read((reads) => reads.definition(hash), undefined),
    readRequests: (runId, filter = {}) => read((reads) => reads.requests(runId, filter.unanswered ?? false), []),
    // A journal that appears later has a data version of at least 1.
    version: () => opened?.reads.dataVersion() ?? 0,
    checkIntegrity: () => read((reads) => (opened === undefined ? [] : findDamage(opened.db, reads, stateDir)), []),
    async close() {
      closed = true;
      opened?.close();
      opened = undefined;
    },
  };
}

function openExisting(stateDir: string): Opened {
  const isAlive = (ownerId: string): boolean => isLocked(ownerLockPath(stateDir, ownerId));
  const toOpened = (db: DatabaseSync, close: () => void): Opened => ({
    db,
    reads: createReads(db, stateDir, isAlive),
    close,
  });
  try {
    const db = openForReading(databasePath(stateDir), stateDir);
    return toOpened(db, () => db.close());
  } catch (thrown) {
    if (!isUnwritable(thrown)) throw thrown;
  }
  const snapshot = takeSnapshot(stateDir);
  try {
    const db = openForWriting(snapshot.databasePath, stateDir, "OFF");
    return toOpened(db, () => {
      db.close();
      snapshot.remove();
    });
  } catch (thrown) {
    snapshot.remove();
    throw thrown;
  }
}
