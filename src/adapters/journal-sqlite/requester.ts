// For those who only ask something of a run: writes a request's row, and is no owner.

import {
  type FieldChecks,
  optional,
  requireBoolean,
  requireClock,
  requireFields,
  requireWord,
} from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { JournalRequester } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import { openForWriting } from "./connection.ts";
import { type Connection, openLate } from "./open-late.ts";
import { createPresence, type Presence } from "./presence.ts";
import { openExisting } from "./reader.ts";
import { findRequest, insertRequest } from "./request-writes.ts";
import { deletedNumbers, SELECT, type Totals, toRunRow, toTotals } from "./rows.ts";
import { updateRun } from "./run-writes.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { isBusy, isUnwritable, newerJournal, toJournalError } from "./sqlite-errors.ts";
import { databasePath, isRemote, refuseRemote } from "./state-dir.ts";
import { createStatements } from "./statements.ts";

/** Where requests are recorded. */
export interface JournalRequesterOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  /** Accepts a network file system. */
  readonly allowRemoteState?: boolean;
}

const OPTIONS: FieldChecks<JournalRequesterOptions> = {
  stateDir: (name, value) => requireWord(name, value, "the path of a directory"),
  clock: requireClock,
  allowRemoteState: optional(requireBoolean),
};

/**
 * Opens the journal of a state directory for reading and for requests, on one
 * connection: no owner, no lock, and nothing is made where nothing is. A directory
 * that does not exist reads as one without runs. One that cannot be written can
 * still be read; `addRequest` is then refused with JOURNAL_UNWRITABLE or JOURNAL_REMOTE.
 * @throws BusbarError USAGE
 */
export function openJournalRequester(options: JournalRequesterOptions): JournalRequester {
  requireFields("options", options, OPTIONS, "an object {stateDir, clock}");
  const { stateDir } = options;
  const { reader, use } = openLate(options, () => openForRequests(stateDir, options.allowRemoteState ?? false));
  let ownRequests = 0;
  return {
    ...reader,
    async addRequest(request) {
      const add = ({ addRequest }: RequestConnection): RequestRecord => addRequest(request);
      const record = await use(add, () => refuseUnknown(request.runId, stateDir));
      ownRequests += 1;
      return record;
    },
    // Both only ever grow, so their sum differs when either does.
    version: () => reader.version() + ownRequests,
  };
}

interface RequestConnection extends Connection {
  /** Durable when it returns. */
  addRequest(request: NewRequest): RequestRecord;
}

function openForRequests(stateDir: string, allowRemote: boolean): RequestConnection {
  try {
    if (!allowRemote) refuseRemote(stateDir);
    const db = openForWriting(databasePath(stateDir), stateDir, "FULL");
    const presence = createPresence(stateDir);
    return { db, presence, close: () => db.close(), addRequest: createAddRequest(db, presence, stateDir) };
  } catch (thrown) {
    if (!isUnwritable(thrown) && !isRemote(thrown)) throw thrown;
    const refuse = (): never => {
      throw toJournalError(thrown, { stateDir });
    };
    return { ...openExisting(stateDir), addRequest: refuse };
  }
}

function createAddRequest(db: Connection["db"], presence: Presence, stateDir: string): RequestConnection["addRequest"] {
  const prepare = createStatements(db);

  const add = (request: NewRequest): RequestRecord => {
    // An owner may have migrated the journal since it was opened.
    const schema = Number(prepare("PRAGMA user_version").get()?.user_version);
    if (schema > SCHEMA_VERSION) throw newerJournal(stateDir, schema, SCHEMA_VERSION);
    const row = prepare(`${schema === 1 ? SELECT.oldRun : SELECT.run} WHERE run_id = ?`).get(request.runId);
    if (row === undefined) refuseUnknown(request.runId, stateDir);
    const run = toRunRow(row, request.runId);
    const known = findRequest(prepare, run, request.key);
    if (known !== undefined) return known;
    const readTotals = (): Totals => toTotals(prepare(schema === 1 ? SELECT.oldTotals : SELECT.totals).get(), stateDir);
    const record = insertRequest(prepare, run, request, deletedNumbers(readTotals));
    updateRun(prepare, run);
    return record;
  };

  return (request) => {
    try {
      prepare("BEGIN IMMEDIATE").run();
      const record = add(request);
      prepare("COMMIT").run();
      presence.require();
      return record;
    } catch (thrown) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if (isBusy(thrown)) throw thrown;
      throw toJournalError(thrown, { stateDir, runId: request.runId });
    }
  };
}
