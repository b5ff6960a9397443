// The Journal port on SQLite: opens a state directory as an owner, and joins lock, reads and group commit.

import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import {
  type FieldChecks,
  optional,
  requireBoolean,
  requireClock,
  requireFields,
  requireMethods,
  requireOneOf,
  requireText,
  requireWhole,
  requireWord,
} from "../../kernel/arguments.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Ids } from "../../kernel/ids.ts";
import { pause } from "../../kernel/pause.ts";
import type { AuditLog, TokenStore } from "../../ports/access.ts";
import type { IntegrityCheck } from "../../ports/checks.ts";
import type { Append, Journal } from "../../ports/journal.ts";
import { checkNewRun, encodeEvents } from "../../ports/journal-rules.ts";
import { busyError, retryWhileBusy } from "./busy.ts";
import { dataVersionOf, openForWriting } from "./connection.ts";
import { createGroupCommit } from "./group-commit.ts";
import { identifyJournal, type JournalIdentity } from "./identity.ts";
import { findDamage } from "./integrity.ts";
import { migrate } from "./migrate.ts";
import { type Claim, claimOwner, cleanOwners, isLocked, ownerLockPath } from "./owner-lock.ts";
import { createPresence, type Presence } from "./presence.ts";
import { createReads } from "./reads.ts";
import { indexOf } from "./rows.ts";
import { toJournalError } from "./sqlite-errors.ts";
import { databasePath, makeDatabase, prepareStateDir } from "./state-dir.ts";
import { createTokenStore } from "./tokens.ts";
import { createWrites, type EncodedAppend, type Writes } from "./writes.ts";

/** Where the journal is, and who opens it. */
export interface SqliteJournalOptions {
  /** Made if it is not there. */
  readonly stateDir: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "ownerId">;
  /** Of this process, for people. */
  readonly pid: number;
  readonly host: string;
  readonly busbarVersion?: string;
  /** Accepts a network file system. */
  readonly allowRemoteState?: boolean;
  /** OFF is for the test that shows what is lost without fsync, and for nothing else. */
  readonly synchronous?: "FULL" | "OFF";
}

/** The journal of a state directory, with what a server keeps beside its runs. */
export interface SqliteJournal extends Journal, IntegrityCheck {
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  readonly identity: JournalIdentity;
}

/**
 * Opens the journal of a state directory as a new owner, which lives until
 * `close` or the end of the process.
 *
 * @throws BusbarError JOURNAL_UNWRITABLE, JOURNAL_FULL, JOURNAL_REMOTE, JOURNAL_NEWER, JOURNAL_DAMAGED,
 *   JOURNAL_BUSY, JOURNAL_FAILED, JOURNAL_GONE, USAGE
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  requireFields("options", options, OPTIONS, "an object {stateDir, clock, ids, pid, host}");
  const { stateDir, clock } = options;
  let db: DatabaseSync | undefined;
  try {
    prepareStateDir(stateDir, options.allowRemoteState ?? false);
    const open = (): { readonly opened: DatabaseSync; readonly presence: Presence } => {
      makeDatabase(stateDir);
      const opened = openForWriting(databasePath(stateDir), stateDir, options.synchronous ?? "FULL");
      try {
        migrate(opened, stateDir);
      } catch (thrown) {
        opened.close();
        throw thrown;
      }
      return { opened, presence: createPresence(stateDir, dataVersionOf(opened)) };
    };
    const { opened, presence } = await retryWhileBusy(clock, open, () => busyError(stateDir));
    db = opened;
    const identify = (): JournalIdentity => identifyJournal(opened, statSync(databasePath(stateDir), { bigint: true }));
    const identity = await retryWhileBusy(clock, identify, () => busyError(stateDir));
    // It may have written: what is in the files now is known.
    if (presence.holds()) presence.settle();
    const isKnown = (id: string): boolean => opened.prepare("SELECT 1 FROM owners WHERE id = ?").get(id) !== undefined;
    const claim = await retryWhileBusy(
      clock,
      () => claimOwner(stateDir, options.ids.ownerId, isKnown),
      () => busyError(stateDir),
    );
    presence.include(ownerLockPath(stateDir, claim.id));
    cleanOwners(stateDir, claim.id);
    return createJournal({ db: opened, presence, claim, identity }, options);
  } catch (thrown) {
    db?.close();
    throw toJournalError(thrown, { stateDir });
  }
}

const OPTIONS: FieldChecks<SqliteJournalOptions> = {
  stateDir: (name, value) => requireWord(name, value, "the path of a directory"),
  clock: requireClock,
  ids: (name, value) => requireMethods(name, value, ["ownerId"]),
  pid: (name, value) => requireWhole(name, value, 0),
  host: requireText,
  busbarVersion: optional(requireText),
  allowRemoteState: optional(requireBoolean),
  synchronous: optional((name, value) => requireOneOf(name, value, ["FULL", "OFF"])),
};

/** A database that is open, and whose. */
interface Opened {
  readonly db: DatabaseSync;
  readonly presence: Presence;
  readonly claim: Claim;
  readonly identity: JournalIdentity;
}

function createJournal({ db, presence, claim, identity }: Opened, options: SqliteJournalOptions): SqliteJournal {
  const { stateDir, clock } = options;
  const self = {
    id: claim.id,
    pid: options.pid,
    host: options.host,
    startedAt: new Date(clock.now()).toISOString(),
    busbarVersion: options.busbarVersion ?? null,
  };
  const isAlive = (ownerId: string): boolean => ownerId === claim.id || isLocked(ownerLockPath(stateDir, ownerId));
  const reads = createReads(db, stateDir, isAlive);
  const busy = (): BusbarError => busyError(stateDir, reads, claim.id);
  const commits = createGroupCommit(
    createWrites(db, stateDir, self, presence, reads.owner),
    clock,
    (thrown, runId) => toJournalError(thrown, { stateDir, runId }),
    busy,
  );
  let closing: Promise<void> | undefined;
  let ownRequests = 0;
  /** How often somebody asked for the version while the files were gone: a reading then says so. */
  let absences = 0;

  const refuseClosed = (): void => {
    if (closing !== undefined) throw new BusbarError("JOURNAL_FAILED", `The journal in ${stateDir} is closed`);
  };
  const read = async <T>(action: () => T): Promise<T> => {
    refuseClosed();
    try {
      presence.require();
      return await retryWhileBusy(clock, action, busy);
    } catch (thrown) {
      throw toJournalError(thrown, { stateDir, readOnly: true });
    }
  };

  /** Of no run. @throws BusbarError JOURNAL_… */
  const submit = async <T>(step: (writes: Writes) => T): Promise<T> => {
    refuseClosed();
    return await commits.submit("", step);
  };

  return {
    ownerId: claim.id,
    identity,
    tokens: createTokenStore({ clock, submit, version: reads.dataVersion, read: () => read(() => reads.tokens()) }),
    audit: {
      add: (entry) => submit((writes) => writes.addAudit(entry)),
      read: (page) => read(() => reads.audit(page)),
    },
    async create(run) {
      refuseClosed();
      checkNewRun(run);
      const encoded = encode({ runId: run.runId, epoch: 1, events: run.events, summary: run.summary });
      return await commits.submit(run.runId, (writes) => writes.create(run, encoded));
    },
    async append(append) {
      refuseClosed();
      const encoded = encode(append);
      // Awaited here: a promise that an async function returns as it is takes two turns more to arrive.
      return await commits.submit(append.runId, (writes) => writes.append(append, encoded));
    },
    async takeOver(append) {
      refuseClosed();
      const encoded = encode(append);
      return await commits.submit(append.runId, (writes) => writes.takeOver(append, encoded));
    },
    async addRequest(request) {
      refuseClosed();
      const record = await commits.submit(request.runId, (writes) => writes.addRequest(request));
      ownRequests += 1;
      return record;
    },
    async prune(runId, at) {
      refuseClosed();
      return await commits.submit(runId, (writes) => writes.prune(runId, at));
    },
    async noteSwept(runIds) {
      await submit((writes) => writes.noteSwept(runIds));
    },
    async giveBack() {
      refuseClosed();
      // The file is cut when the WAL is moved into it, which the last commit is to do at once.
      db.exec("PRAGMA wal_autocheckpoint = 1");
      try {
        while (await commits.submit("", (writes) => writes.cutFreePages())) await pause(clock, 1);
      } finally {
        db.exec("PRAGMA wal_autocheckpoint = 1000");
      }
    },
    readSize: (runId) => read(() => reads.size(runId)),
    readUnswept: () => read(() => reads.unswept()),
    countRuns: () => read(() => reads.counts()),
    readOutcomes: (page) => read(() => reads.outcomes(page)),
    location: stateDir,
    readRun: (runId) => read(() => reads.run(runId)),
    readStored: (runId, earlier = []) => read(() => reads.stored(runId, earlier)),
    listRuns: (filter = {}) => read(() => reads.runs(filter)),
    findRunIds: (beginning, limit) => read(() => reads.findIds(beginning, limit)),
    readEvents: (runId, afterSeq = 0, limit) => read(() => reads.events(runId, afterSeq, limit)),
    readFeed: (after) => read(() => reads.feed(after)),
    readDefinition: (hash) => read(() => reads.definition(hash)),
    findByKey: (key) => read(() => reads.byKey(key)),
    readRequests: (runId, filter = {}) => read(() => reads.requests(runId, filter.unanswered ?? false)),
    readUnanswered: () => read(() => reads.unanswered(claim.id)),
    // All of them only ever grow, so their sum differs when one does.
    version() {
      if (!presence.heldLately()) absences += 1;
      return reads.dataVersion() + ownRequests + absences;
    },
    checkIntegrity: () => read(() => findDamage(db, reads, stateDir)),
    close() {
      closing ??= commits
        .settled()
        .then(() => db.close())
        .finally(() => claim.release());
      return closing;
    },
  };
}

function encode(append: Pick<Append, "runId" | "epoch" | "events" | "summary">): EncodedAppend {
  return {
    events: encodeEvents(append),
    summary: JSON.stringify(append.summary),
    index: indexOf(append.summary),
  };
}
