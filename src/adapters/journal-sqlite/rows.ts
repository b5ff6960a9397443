// Rows of the database and what they mean, both ways; each is checked against its checksum here and nowhere else.
import type { SQLOutputValue } from "node:sqlite";
import type { RequestAnswer } from "../../engine/requests.ts";
import type { RunStatus } from "../../engine/status.ts";
import type { RunSummary } from "../../engine/summary.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import type { NewRun } from "../../ports/journal.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { RunFacts, RunOrigin } from "../../ports/run-facts.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { rowCrc, rowCrcWithText } from "./checksum.ts";
import { damagedJournal, damagedRun } from "./sqlite-errors.ts";

export type Row = Record<string, SQLOutputValue>;

const RUN_COLUMNS = "n, run_id, definition_hash, file, owner_id, epoch, last_seq, last_crc, requests, summary";

/** How each kind of row is read. The columns stand by name, so that a schema that has changed is noticed by SQLite. */
export const SELECT = {
  run: `SELECT ${RUN_COLUMNS}, origin, priority, idempotency_key, idempotency_hash, status, workflow, created, ended, crc FROM runs`,
  /** Of schema version 1, which readers and requesters still meet. */
  oldRun: `SELECT ${RUN_COLUMNS}, crc FROM runs`,
  owner: "SELECT id, pid, host, started_at, busbar_version, crc FROM owners",
  definition: "SELECT hash, format, file, text, crc FROM definitions",
  request: 'SELECT id, run, key, kind, "by", at, reason, answer, crc FROM requests',
  totals: "SELECT runs, last_run, last_pos, last_request, pruned, crc FROM totals",
  oldTotals: "SELECT runs, crc FROM totals",
  tombstone: "SELECT run_id, pruned_at, crc FROM tombstones",
} as const;

/** The head of a run's history, its owner, and the list cache. */
export interface RunRow {
  /** Position in the order of making, from 1; what other tables call the run. */
  readonly n: number;
  readonly runId: string;
  definitionHash: string;
  file: string | null;
  ownerId: string;
  epoch: number;
  lastSeq: number;
  lastCrc: number;
  /** How many there are. */
  requests: number;
  /** JSON of a RunSummary. */
  summary: string;
  readonly extras: RunExtras;
  /** What is stored of it where lists look. */
  index: RunIndex;
}

/** What schema version 2 has added to what is known of a run; null where nobody has said it. */
export interface RunExtras {
  readonly origin: string | null;
  readonly priority: number | null;
  readonly idempotencyKey: string | null;
  readonly idempotencyHash: string | null;
}

/** What a run is created with. */
export function extrasOf({ origin, priority, idempotency }: Omit<NewRun, "events">): RunExtras {
  return {
    origin: origin ?? null,
    priority: priority ?? null,
    idempotencyKey: idempotency?.key ?? null,
    idempotencyHash: idempotency?.hash ?? null,
  };
}

export function factsOf({ origin, priority }: RunExtras): RunFacts {
  return {
    ...(origin === null ? {} : { origin: origin as RunOrigin }),
    ...(priority === null ? {} : { priority }),
  };
}

/** What of the summary stands in columns of its own, so that lists and look-ups find it by an index. */
export interface RunIndex {
  readonly status: RunStatus;
  readonly workflow: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly ended: number | null;
}

export function indexOf(summary: RunSummary): RunIndex {
  const { status, workflow, created_at, ended_at } = summary;
  return { status, workflow, created: millisecondsOf(created_at), ended: ended_at ? millisecondsOf(ended_at) : null };
}

/** Any number for what is no time: a summary is stored as it is. */
function millisecondsOf(time: string): number {
  const at = Date.parse(time);
  return Number.isNaN(at) ? 0 : at;
}

export function isSameIndex(a: RunIndex, b: RunIndex): boolean {
  return a.status === b.status && a.workflow === b.workflow && a.created === b.created && a.ended === b.ended;
}

export interface OwnerRow {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly startedAt: string;
  readonly busbarVersion: string | null;
}

export function runCrc(run: RunRow): number {
  const { origin, priority, idempotencyKey, idempotencyHash } = run.extras;
  return crcOfRun(
    [
      run.n,
      run.runId,
      run.definitionHash,
      run.file,
      run.ownerId,
      run.epoch,
      run.lastSeq,
      run.lastCrc,
      run.requests,
      run.summary,
    ],
    [origin, priority, idempotencyKey, idempotencyHash],
  );
}

/**
 * A row without extras has the checksum that it had in schema version 1: the migration makes none anew, and so passes
 * no damage off as sound. So has a run of the command line, for a process of 0.1 that had the journal open before the
 * migration and goes on reading it; 0.1 knew no other runs. The index columns are no part of it; they are compared with
 * the summary.
 */
function crcOfRun(values: readonly unknown[], [origin, ...others]: readonly unknown[]): number {
  const isAsBefore = (origin === null || origin === "cli") && others.every((value) => value === null);
  return rowCrc(isAsBefore ? values : [...values, origin, ...others]);
}

export function ownerCrc(owner: OwnerRow): number {
  return rowCrc([owner.id, owner.pid, owner.host, owner.startedAt, owner.busbarVersion]);
}

export function definitionCrc(definition: Definition): number {
  return rowCrcWithText([definition.hash, definition.format, definition.file ?? null], definition.text);
}

export function requestCrc(request: RequestRecord, run: number, answer: string | null): number {
  return rowCrc([request.id, run, request.key, request.kind, request.by, request.at, request.reason ?? null, answer]);
}

/**
 * @param row of SELECT.run or SELECT.oldRun
 * @param runId what was asked for; the row itself may no longer say it
 */
export function toRunRow(row: Row, runId: string): RunRow {
  return parseRunRow(row, runId).run;
}

/** Beside the row its summary, which is read once. */
export function parseRunRow(row: Row, runId: string): { readonly run: RunRow; readonly told: RunSummary } {
  const values = [
    row.n,
    row.run_id,
    row.definition_hash,
    row.file,
    row.owner_id,
    row.epoch,
    row.last_seq,
    row.last_crc,
    row.requests,
    row.summary,
  ];
  const { origin = null, priority = null, idempotency_key = null, idempotency_hash = null } = row;
  const extras = [origin, priority, idempotency_key, idempotency_hash];
  if (row.run_id !== runId || crcOfRun(values, extras) !== row.crc) throw changedRun(runId);
  const summary = row.summary as string;
  const told: RunSummary = JSON.parse(summary);
  const index = indexOf(told);
  if (row.status !== undefined && !isSameIndex(row as unknown as RunIndex, index)) throw changedRun(runId);
  const run: RunRow = {
    n: row.n as number,
    runId,
    definitionHash: row.definition_hash as string,
    file: row.file as string | null,
    ownerId: row.owner_id as string,
    epoch: row.epoch as number,
    lastSeq: row.last_seq as number,
    lastCrc: row.last_crc as number,
    requests: row.requests as number,
    summary,
    extras: {
      origin: origin as string | null,
      priority: priority as number | null,
      idempotencyKey: idempotency_key as string | null,
      idempotencyHash: idempotency_hash as string | null,
    },
    index,
  };
  return { run, told };
}

function changedRun(runId: string): BusbarError {
  return damagedRun(runId, undefined, "its entry in the list of runs has changed");
}

export function summaryOf(run: RunRow): RunSummary {
  return JSON.parse(run.summary);
}

export function toOwnerRow(row: Row | undefined, ownerId: string, runId: string): OwnerRow {
  if (
    row === undefined ||
    row.id !== ownerId ||
    rowCrc([row.id, row.pid, row.host, row.started_at, row.busbar_version]) !== row.crc
  ) {
    throw damagedRun(runId, undefined, "the entry of its owner has changed");
  }
  return {
    id: ownerId,
    pid: row.pid as number,
    host: row.host as string,
    startedAt: row.started_at as string,
    busbarVersion: row.busbar_version as string | null,
  };
}

export function toDefinition(row: Row, hash: string, stateDir: string): Definition {
  const text = row.text;
  if (
    row.hash !== hash ||
    typeof text !== "string" ||
    rowCrcWithText([row.hash, row.format, row.file], text) !== row.crc
  ) {
    throw damagedJournal(stateDir, `the workflow ${hash} has changed`);
  }
  return {
    hash,
    format: row.format as Definition["format"],
    text,
    ...(row.file === null ? {} : { file: row.file as string }),
  };
}

export function toRequest(row: Row, runId: string): RequestRecord {
  const values = [row.id, row.run, row.key, row.kind, row.by, row.at, row.reason, row.answer];
  if (rowCrc(values) !== row.crc) throw damagedRun(runId, undefined, "one of its requests has changed");
  return {
    id: row.id as number,
    runId,
    kind: row.kind as RequestRecord["kind"],
    key: row.key as string,
    by: row.by as string,
    at: row.at as string,
    ...(row.reason === null ? {} : { reason: row.reason as string }),
    ...(row.answer === null ? {} : { answer: parseAnswer(row.answer as string) }),
  };
}

function parseAnswer(text: string): RequestAnswer {
  const answer: Json = JSON.parse(text);
  return answer as unknown as RequestAnswer;
}

/** How many rows there are (a journal with fewer has lost some), and which numbers were ever used. */
export interface Totals {
  runs: number;
  /** The highest `n` that a run ever had. */
  lastRun: number;
  /** The highest `pos` of an event that was deleted. */
  lastPos: number;
  /** The highest `id` of a request that was deleted. */
  lastRequest: number;
  /** How many tombstones. */
  pruned: number;
}

/** Of a journal without runs. */
export const NO_TOTALS: Totals = { runs: 0, lastRun: 0, lastPos: 0, lastRequest: 0, pruned: 0 };

export function totalsCrc({ runs, lastRun, lastPos, lastRequest, pruned }: Totals): number {
  return rowCrc([runs, lastRun, lastPos, lastRequest, pruned]);
}

/** @param row of SELECT.totals or SELECT.oldTotals */
export function toTotals(row: Row | undefined, stateDir: string): Totals {
  const isOld = row?.last_run === undefined;
  const values = isOld ? [row?.runs] : [row.runs, row.last_run, row.last_pos, row.last_request, row.pruned];
  if (row === undefined || rowCrc(values) !== row.crc) {
    throw damagedJournal(stateDir, "its totals have changed");
  }
  const runs = row.runs as number;
  if (isOld) return { ...NO_TOTALS, runs, lastRun: runs };
  return {
    runs,
    lastRun: row.last_run as number,
    lastPos: row.last_pos as number,
    lastRequest: row.last_request as number,
    pruned: row.pruned as number,
  };
}

/**
 * Which numbers of deleted rows are not to be given again. Totals that are damaged hold no run up: none that is there
 * has those numbers, and without totals there is no feed that could take one for the other.
 */
export function deletedNumbers(readTotals: () => Totals): Pick<Totals, "lastPos" | "lastRequest"> {
  try {
    return readTotals();
  } catch (thrown) {
    if (!(thrown instanceof BusbarError) || thrown.code !== "JOURNAL_DAMAGED") throw thrown;
    return NO_TOTALS;
  }
}

/** What is left of a run that was pruned. */
export interface Tombstone {
  readonly runId: string;
  /** RFC 3339. */
  readonly prunedAt: string;
}

export function tombstoneCrc({ runId, prunedAt }: Tombstone): number {
  return rowCrc([runId, prunedAt]);
}

export function toTombstone(row: Row, runId: string, stateDir: string): Tombstone {
  if (row.run_id !== runId || rowCrc([row.run_id, row.pruned_at]) !== row.crc) {
    throw damagedJournal(stateDir, `what it says of the pruned run ${runId} has changed`);
  }
  return { runId, prunedAt: row.pruned_at as string };
}
