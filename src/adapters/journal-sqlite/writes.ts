// Everything that writes, as steps of one transaction. A step checks first and writes afterwards: if it
// throws a BusbarError it has written nothing, and the other steps of the transaction stand (J2).
import type { DatabaseSync } from "node:sqlite";
import type { Answer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Append, NewRun, TakeOver } from "../../ports/journal.ts";
import {
  checkAnswer,
  checkAppend,
  checkTakeOver,
  mayPrune,
  refuseExisting,
  refusePruned,
  refuseUnknown,
  refuseUsedKey,
} from "../../ports/journal-rules.ts";
import type { Owner } from "../../ports/owner.ts";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { type AccessWrites, createAccessWrites } from "./access-writes.ts";
import { chainStart } from "./checksum.ts";
import { findKey, keyedRunOf } from "./find-key.ts";
import type { Presence } from "./presence.ts";
import { cutFreePages, deleteRun, lastRequestOf, noteSwept } from "./prune-writes.ts";
import { findRequest, insertRequest } from "./request-writes.ts";
import {
  definitionCrc,
  deletedNumbers,
  extrasOf,
  type OwnerRow,
  ownerCrc,
  type RunIndex,
  type RunRow,
  requestCrc,
  SELECT,
  summaryOf,
  type Totals,
  toRequest,
  toRunRow,
  toTombstone,
  toTotals,
} from "./rows.ts";
import { insertEvents, insertRun, updateRun, updateTotals, updateWorkflow } from "./run-writes.ts";
import { createStatements } from "./statements.ts";

/** An append as texts, made when it was called: what the caller changes afterwards is not stored. */
export interface EncodedAppend {
  readonly events: readonly string[];
  /** JSON of the RunSummary. */
  readonly summary: string;
  readonly index: RunIndex;
}

/** The steps of one transaction, between `begin` and `commit`. */
export interface Writes extends AccessWrites {
  /** @throws BusbarError JOURNAL_GONE; errors of SQLite */
  begin(): void;
  create(run: NewRun, encoded: EncodedAppend): void;
  append(append: Append, encoded: EncodedAppend): void;
  takeOver(append: TakeOver, encoded: EncodedAppend): void;
  addRequest(request: NewRequest): RequestRecord;
  /** @returns whether it is gone */
  prune(runId: string, at: string): boolean;
  noteSwept(runIds: readonly string[]): void;
  /** @returns whether there may be more */
  cutFreePages(): boolean;
  /** Durable when it returns, under the names where the next owner looks. @throws BusbarError JOURNAL_GONE; errors of SQLite */
  commit(): void;
  rollback(): void;
}

/** What the open transaction has read, and what is to be written when it is committed. */
interface Transaction {
  readonly runs: Map<string, RunRow>;
  /** Whose row is not there yet. */
  readonly created: Set<RunRow>;
  readonly changed: Set<RunRow>;
  /** Of those, the ones whose columns with an index differ: they are written only then, since each index is then kept. */
  readonly withStatus: Set<RunRow>;
  readonly withWorkflow: Set<RunRow>;
  changesTotals: boolean;
  /** Whether it inserts the owner's own row. */
  storesSelf: boolean;
}

function createTransaction(): Transaction {
  return {
    runs: new Map(),
    created: new Set(),
    changed: new Set(),
    withStatus: new Set(),
    withWorkflow: new Set(),
    changesTotals: false,
    storesSelf: false,
  };
}

/**
 * What this owner need not read again. It holds as long as nobody else has written, which SQLite tells inside the
 * transaction, and until a transaction is rolled back.
 */
interface Known {
  /** Heads of its unfinished runs; reading and checking them each time was a tenth of an append. */
  readonly runs: Map<string, RunRow>;
  /** Hashes of workflows that are stored. */
  readonly definitions: Set<string>;
  totals: Totals | undefined;
  /** The highest position that an event was ever given. */
  lastPos: number | undefined;
}

function createKnown(): Known {
  return { runs: new Map(), definitions: new Set(), totals: undefined, lastPos: undefined };
}

/** @param ownerOf who has the run now, and whether that process lives */
export function createWrites(
  db: DatabaseSync,
  stateDir: string,
  self: OwnerRow,
  presence: Presence,
  ownerOf: (ownerId: string, runId: string) => Owner,
): Writes {
  const prepare = createStatements(db);
  const access = createAccessWrites(prepare, (sql) => db.exec(sql), stateDir);
  let selfStored = false;
  let known = createKnown();
  let knownVersion = 0;
  let transaction = createTransaction();

  const find = (runId: string): RunRow | undefined => {
    const head = transaction.runs.get(runId) ?? known.runs.get(runId);
    if (head !== undefined) {
      transaction.runs.set(runId, head);
      return head;
    }
    const row = prepare(`${SELECT.run} WHERE run_id = ?`).get(runId);
    if (row === undefined) return undefined;
    const run = toRunRow(row, runId);
    transaction.runs.set(runId, run);
    return run;
  };

  const readTotals = (): Totals => {
    known.totals ??= toTotals(prepare(SELECT.totals).get(), stateDir);
    return known.totals;
  };

  const changeTotals = (): Totals => {
    transaction.changesTotals = true;
    return readTotals();
  };

  const readLastPos = (): number => {
    if (known.lastPos !== undefined) return known.lastPos;
    const stored = Number(prepare("SELECT coalesce(max(pos), 0) AS pos FROM events").get()?.pos);
    return Math.max(stored, deletedNumbers(readTotals).lastPos);
  };

  /** The owner's row goes in with the first run it gets, so that opening a journal writes nothing. */
  const storeSelf = (): void => {
    if (selfStored || transaction.storesSelf) return;
    transaction.storesSelf = true;
    prepare("INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?)").run(
      self.id,
      self.pid,
      self.host,
      self.startedAt,
      self.busbarVersion,
      ownerCrc(self),
    );
  };

  const storeDefinition = (definition: Definition): void => {
    const { hash, format, file, text } = definition;
    if (known.definitions.has(hash)) return;
    prepare(
      "INSERT INTO definitions (hash, format, file, text, crc) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    ).run(hash, format, file ?? null, text, definitionCrc(definition));
    known.definitions.add(hash);
  };

  /** Last, as what happens to a new run in the same transaction goes into the same row. */
  const insertCreated = (): void => {
    const { created, changed, withStatus, withWorkflow } = transaction;
    for (const run of created) {
      insertRun(prepare, run);
      for (const runs of [changed, withStatus, withWorkflow]) runs.delete(run);
    }
    created.clear();
  };

  /** What the run's events named before stays needed. */
  const keepEarlier = (run: RunRow, next: Definition): void => {
    if (run.definitionHash === next.hash) return;
    prepare("INSERT INTO earlier_definitions VALUES (?, ?) ON CONFLICT DO NOTHING").run(run.n, run.definitionHash);
  };

  const refuseKey = (key: string | undefined): void => {
    if (key === undefined) return;
    const created = [...transaction.created].find(({ extras }) => extras.idempotencyKey === key);
    const run = created ?? findKey(prepare, stateDir, key);
    if (run !== undefined) refuseUsedKey(keyedRunOf(run));
  };

  const refuseTaken = (runId: string): void => {
    if (transaction.runs.has(runId)) refuseExisting(runId);
    const taken = prepare("SELECT 1 FROM runs WHERE run_id = ?1 UNION ALL SELECT 1 FROM tombstones WHERE run_id = ?1");
    if (taken.get(runId) === undefined) return;
    if (find(runId) !== undefined) refuseExisting(runId);
    const row = prepare(`${SELECT.tombstone} WHERE run_id = ?`).get(runId);
    if (row !== undefined) refusePruned(runId, toTombstone(row, runId, stateDir).prunedAt);
  };

  const storeEvents = (run: RunRow, encoded: EncodedAppend): void => {
    known.lastPos = insertEvents(prepare, run, encoded.events, readLastPos());
    run.summary = encoded.summary;
    const { index } = run;
    run.index = encoded.index;
    if (index.status !== encoded.index.status || index.ended !== encoded.index.ended) transaction.withStatus.add(run);
    if (index.workflow !== encoded.index.workflow || index.created !== encoded.index.created) {
      transaction.withWorkflow.add(run);
    }
    transaction.changed.add(run);
  };

  /** Somebody else's commits change it, our own do not. */
  const readVersion = (): number => Number(prepare("PRAGMA data_version").get()?.data_version);

  const keepHeads = (): void => {
    for (const run of transaction.runs.values()) {
      if (run.ownerId === self.id && !isTerminalRun(run.index.status)) known.runs.set(run.runId, run);
      else known.runs.delete(run.runId);
    }
  };

  const findUnanswered = (run: RunRow, answers: readonly Answer[]): readonly RequestRecord[] =>
    answers.map(({ requestId }) => {
      const row = prepare(`${SELECT.request} WHERE id = ? AND run = ?`).get(requestId, run.n);
      const request = row === undefined ? undefined : toRequest(row, run.runId);
      return checkAnswer(run.runId, requestId, request);
    });

  const storeAnswers = (run: RunRow, requests: readonly RequestRecord[], answers: readonly Answer[]): void => {
    for (const [index, request] of requests.entries()) {
      const answer = JSON.stringify(answers[index]?.answer);
      prepare("UPDATE requests SET answer = ?, crc = ? WHERE id = ?").run(
        answer,
        requestCrc(request, run.n, answer),
        request.id,
      );
    }
  };

  return {
    ...access,

    begin() {
      transaction = createTransaction();
      presence.require();
      prepare("BEGIN IMMEDIATE").run();
      const version = readVersion();
      presence.requireUntouched(version);
      if (version !== knownVersion) known = createKnown();
      knownVersion = version;
    },

    create(run, encoded) {
      refuseKey(run.idempotency?.key);
      refuseTaken(run.runId);
      const totals = changeTotals();
      if (run.audit !== undefined) access.addAudit(run.audit);
      const row: RunRow = {
        n: totals.lastRun + 1,
        runId: run.runId,
        definitionHash: run.definition.hash,
        file: run.definition.file ?? null,
        ownerId: self.id,
        epoch: 1,
        lastSeq: 0,
        lastCrc: chainStart(run.runId),
        requests: 0,
        summary: encoded.summary,
        extras: extrasOf(run),
        index: encoded.index,
      };
      totals.runs += 1;
      totals.lastRun = row.n;
      transaction.runs.set(run.runId, row);
      storeSelf();
      storeDefinition(run.definition);
      storeEvents(row, encoded);
      transaction.created.add(row);
    },

    append(append, encoded) {
      const run = find(append.runId) ?? refuseUnknown(append.runId, stateDir);
      checkAppend(run, append, self.id);
      const answers = append.answers ?? [];
      const requests = findUnanswered(run, answers);
      storeEvents(run, encoded);
      storeAnswers(run, requests, answers);
    },

    takeOver(append, encoded) {
      const run = find(append.runId) ?? refuseUnknown(append.runId, stateDir);
      checkTakeOver(run, summaryOf(run).status, append, self.id, () => ownerOf(run.ownerId, run.runId));
      const answers = append.answers ?? [];
      const requests = findUnanswered(run, answers);
      storeSelf();
      run.ownerId = self.id;
      run.epoch = append.epoch;
      if (append.definition !== undefined) {
        keepEarlier(run, append.definition);
        transaction.withWorkflow.add(run);
        storeDefinition(append.definition);
        run.definitionHash = append.definition.hash;
        run.file = append.definition.file ?? null;
      }
      storeEvents(run, encoded);
      storeAnswers(run, requests, answers);
    },

    addRequest(request) {
      const run = find(request.runId) ?? refuseUnknown(request.runId, stateDir);
      const asked = findRequest(prepare, run, request.key);
      if (asked !== undefined) return asked;
      transaction.changed.add(run);
      return insertRequest(prepare, run, request, deletedNumbers(readTotals));
    },

    prune(runId, at) {
      const run = find(runId);
      if (run === undefined) return false;
      if (!mayPrune(run.index, at, () => ownerOf(run.ownerId, runId).alive)) return false;
      const totals = changeTotals();
      totals.lastPos = readLastPos();
      totals.lastRequest = Math.max(totals.lastRequest, lastRequestOf(prepare, run));
      insertCreated();
      deleteRun(prepare, run, at);
      totals.runs -= 1;
      totals.pruned += 1;
      const { changed, withStatus, withWorkflow } = transaction;
      for (const runs of [changed, withStatus, withWorkflow]) runs.delete(run);
      transaction.runs.delete(runId);
      known.runs.delete(runId);
      known.definitions.clear();
      return true;
    },

    noteSwept: (runIds) => noteSwept(prepare, runIds),
    cutFreePages: () => cutFreePages(prepare),

    commit() {
      insertCreated();
      const { changed, withStatus, withWorkflow, changesTotals } = transaction;
      for (const run of changed) updateRun(prepare, run, withStatus.has(run));
      for (const run of withWorkflow) updateWorkflow(prepare, run);
      if (changesTotals) updateTotals(prepare, readTotals());
      prepare("COMMIT").run();
      presence.require();
      presence.settle();
      selfStored ||= transaction.storesSelf;
      keepHeads();
      transaction = createTransaction();
    },

    rollback() {
      // A full disk has rolled back by itself, and ROLLBACK would then be an error.
      if (db.isTransaction) db.exec("ROLLBACK");
      known = createKnown();
      transaction = createTransaction();
    },
  };
}
