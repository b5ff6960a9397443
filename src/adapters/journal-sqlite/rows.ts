// Rows of the database and what they mean, both ways; each is checked against its checksum here and nowhere else.
import type { SQLOutputValue } from "node:sqlite";
import type { RequestAnswer } from "../../engine/requests.ts";
import type { RunSummary } from "../../engine/summary.ts";
import type { Json } from "../../kernel/json.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { rowCrc, rowCrcWithText } from "./checksum.ts";
import { damagedJournal, damagedRun } from "./sqlite-errors.ts";

export type Row = Record<string, SQLOutputValue>;

/** How each kind of row is read. The columns stand by name, so that a schema that has changed is noticed by SQLite. */
export const SELECT = {
  run: "SELECT n, run_id, definition_hash, file, owner_id, epoch, last_seq, last_crc, requests, summary, crc FROM runs",
  owner: "SELECT id, pid, host, started_at, busbar_version, crc FROM owners",
  definition: "SELECT hash, format, file, text, crc FROM definitions",
  request: 'SELECT id, run, key, kind, "by", at, reason, answer, crc FROM requests',
  totals: "SELECT runs, crc FROM totals",
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
}

export interface OwnerRow {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly startedAt: string;
  readonly busbarVersion: string | null;
}

export function runCrc(run: RunRow): number {
  return rowCrc([
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
  ]);
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

/** @param runId what was asked for; the row itself may no longer say it */
export function toRunRow(row: Row, runId: string): RunRow {
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
  if (rowCrc(values) !== row.crc) throw damagedRun(runId, undefined, "its entry in the list of runs has changed");
  return {
    n: row.n as number,
    runId: row.run_id as string,
    definitionHash: row.definition_hash as string,
    file: row.file as string | null,
    ownerId: row.owner_id as string,
    epoch: row.epoch as number,
    lastSeq: row.last_seq as number,
    lastCrc: row.last_crc as number,
    requests: row.requests as number,
    summary: row.summary as string,
  };
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

/** How many rows there are; a journal with fewer has lost some. */
export interface Totals {
  runs: number;
}

export function toTotals(row: Row | undefined, stateDir: string): Totals {
  if (row === undefined || rowCrc([row.runs]) !== row.crc) {
    throw damagedJournal(stateDir, "its totals have changed");
  }
  return { runs: row.runs as number };
}
