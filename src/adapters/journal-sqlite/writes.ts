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
} from "../../ports/journal-rules.ts";
import type { Owner } from "../../ports/owner.ts";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { chain, chainStart } from "./checksum.ts";
import type { Presence } from "./presence.ts";
import { cutFreePages, deleteRun, lastRequestOf, noteSwept } from "./prune-writes.ts";
import { findRequest, insertRequest } from "./request-writes.ts";
import {
  definitionCrc,
  deletedNumbers,
  NO_EXTRAS,
  type OwnerRow,
  ownerCrc,
  type RunIndex,
  type RunRow,
  requestCrc,
  SELECT,
  summaryOf,
  type Tombstone,
  type Totals,
  toRequest,
  toRunRow,
  toTombstone,
  toTotals,
} from "./rows.ts";
import { insertRun, updateRun, updateStatus, updateTotals, updateWorkflow } from "./run-writes.ts";
import { createStatements } from "./statements.ts";

/** An append as texts, made when it was called: what the caller changes afterwards is not stored. */
export interface EncodedAppend {
  readonly events: readonly string[];
  /** JSON of the RunSummary. */
  readonly summary: string;
  readonly index: RunIndex;
}

/** The steps of one transaction, between `begin` and `commit`. */
export interface Writes {
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
  readonly changed: Set<RunRow>;
  /** Of those, the ones whose columns with an index differ: they are written only then, since each index is then kept. */
  readonly withStatus: Set<RunRow>;
  readonly withWorkflow: Set<RunRow>;
  /** Runs whose row is not there yet. */
  readonly created: Set<RunRow>;
  totals: Totals | undefined;
  /** Whether they are to be written. */
  changesTotals: boolean;
  /** The highest position of an event that was ever given; undefined until it is needed. */
  lastPos: number | undefined;
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
    totals: undefined,
    changesTotals: false,
    lastPos: undefined,
    storesSelf: false,
  };
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
  let selfStored = false;
  // Heads of this owner's unfinished runs as it last wrote them. They hold as long as nobody else has written,
  // which SQLite tells inside the transaction; reading and checking them each time was a tenth of an append.
  const own = new Map<string, RunRow>();
  /** As of the last transaction; it holds as long as they do. */
  let ownLastPos: number | undefined;
  let ownVersion = 0;
  let transaction = createTransaction();

  const find = (runId: string): RunRow | undefined => {
    const known = transaction.runs.get(runId) ?? own.get(runId);
    if (known !== undefined) {
      transaction.runs.set(runId, known);
      return known;
    }
    const row = prepare(`${SELECT.run} WHERE run_id = ?`).get(runId);
    if (row === undefined) return undefined;
    const run = toRunRow(row, runId);
    transaction.runs.set(runId, run);
    return run;
  };

  const readTotals = (): Totals => {
    transaction.totals ??= toTotals(prepare(SELECT.totals).get(), stateDir);
    return transaction.totals;
  };

  const changeTotals = (): Totals => {
    transaction.changesTotals = true;
    return readTotals();
  };

  const readLastPos = (): number => {
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
    prepare(
      "INSERT INTO definitions (hash, format, file, text, crc) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    ).run(definition.hash, definition.format, definition.file ?? null, definition.text, definitionCrc(definition));
  };

  /** Last, as what happens to a new run in the same transaction goes into the same row. */
  const insertCreated = (): void => {
    const { created, changed, withStatus, withWorkflow } = transaction;
    for (const run of created) {
      insertRun(prepare, run);
      for (const known of [changed, withStatus, withWorkflow]) known.delete(run);
    }
    created.clear();
  };

  /** What the run's events named before stays needed. */
  const keepEarlier = (run: RunRow, next: Definition): void => {
    if (run.definitionHash === next.hash) return;
    prepare("INSERT INTO earlier_definitions VALUES (?, ?) ON CONFLICT DO NOTHING").run(run.n, run.definitionHash);
  };

  const findTombstone = (runId: string): Tombstone | undefined => {
    const row = prepare(`${SELECT.tombstone} WHERE run_id = ?`).get(runId);
    return row === undefined ? undefined : toTombstone(row, runId, stateDir);
  };

  const storeEvents = (run: RunRow, encoded: EncodedAppend): void => {
    const insert = prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?)");
    let pos = transaction.lastPos ?? readLastPos();
    for (const body of encoded.events) {
      pos += 1;
      run.lastSeq += 1;
      run.lastCrc = chain(run.lastCrc, body);
      insert.run(pos, run.n, run.lastSeq, body, run.lastCrc);
    }
    transaction.lastPos = pos;
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

  const forget = (): void => {
    own.clear();
    ownLastPos = undefined;
  };

  const keepOwn = (): void => {
    ownLastPos = transaction.lastPos;
    for (const run of transaction.runs.values()) {
      if (run.ownerId === self.id && !isTerminalRun(run.index.status)) own.set(run.runId, run);
      else own.delete(run.runId);
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
    begin() {
      transaction = createTransaction();
      presence.require();
      prepare("BEGIN IMMEDIATE").run();
      const version = readVersion();
      presence.requireUntouched(version);
      if (version !== ownVersion) forget();
      ownVersion = version;
      transaction.lastPos = ownLastPos;
    },

    create(run, encoded) {
      if (find(run.runId) !== undefined) refuseExisting(run.runId);
      const tombstone = findTombstone(run.runId);
      if (tombstone !== undefined) refusePruned(run.runId, tombstone.prunedAt);
      const totals = changeTotals();
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
        extras: NO_EXTRAS,
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
      const known = findRequest(prepare, run, request.key);
      if (known !== undefined) return known;
      transaction.changed.add(run);
      return insertRequest(prepare, run, request, deletedNumbers(readTotals));
    },

    prune(runId, at) {
      const run = find(runId);
      if (run === undefined) return false;
      if (!mayPrune(run.index, at, () => ownerOf(run.ownerId, runId).alive)) return false;
      const totals = changeTotals();
      totals.lastPos = transaction.lastPos ?? readLastPos();
      totals.lastRequest = Math.max(totals.lastRequest, lastRequestOf(prepare, run));
      insertCreated();
      deleteRun(prepare, run, at);
      totals.runs -= 1;
      totals.pruned += 1;
      const { changed, withStatus, withWorkflow } = transaction;
      for (const known of [changed, withStatus, withWorkflow]) known.delete(run);
      transaction.runs.delete(runId);
      own.delete(runId);
      return true;
    },

    noteSwept: (runIds) => noteSwept(prepare, runIds),
    cutFreePages: () => cutFreePages(prepare),

    commit() {
      insertCreated();
      const { changed, withStatus, withWorkflow, totals, changesTotals } = transaction;
      for (const run of changed) updateRun(prepare, run);
      for (const run of withStatus) updateStatus(prepare, run);
      for (const run of withWorkflow) updateWorkflow(prepare, run);
      if (changesTotals && totals !== undefined) updateTotals(prepare, totals);
      prepare("COMMIT").run();
      presence.require();
      presence.settle();
      selfStored ||= transaction.storesSelf;
      keepOwn();
      transaction = createTransaction();
    },

    rollback() {
      // A full disk has rolled back by itself, and ROLLBACK would then be an error.
      if (db.isTransaction) db.exec("ROLLBACK");
      forget();
      transaction = createTransaction();
    },
  };
}
