// How events, the row of their run, and that of the totals are written, within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import { chain } from "./checksum.ts";
import { type RunRow, runCrc, type Totals, totalsCrc } from "./rows.ts";

type Prepare = (sql: string) => StatementSync;

/** Rows that one statement inserts at most: each execution costs about as much as a row. */
const ROWS = 8;
const INSERT_EVENTS = Array.from({ length: ROWS + 1 }, (_, rows) => {
  return `INSERT INTO events VALUES ${Array(rows).fill("(?, ?, ?, ?, ?)").join(", ")}`;
});

/**
 * Adds events to the end of a run, whose row is the caller's to update.
 * @param lastPos the highest position that was given
 * @returns the same, now
 */
export function insertEvents(prepare: Prepare, run: RunRow, bodies: readonly string[], lastPos: number): number {
  let pos = lastPos;
  for (let from = 0; from < bodies.length; from += ROWS) {
    const values: (number | string)[] = [];
    for (const body of bodies.slice(from, from + ROWS)) {
      pos += 1;
      run.lastSeq += 1;
      run.lastCrc = chain(run.lastCrc, body);
      values.push(pos, run.n, run.lastSeq, body, run.lastCrc);
    }
    prepare(INSERT_EVENTS[values.length / 5] ?? "").run(...values);
  }
  return pos;
}

export function insertRun(prepare: Prepare, run: RunRow): void {
  const { extras, index } = run;
  prepare("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").run(
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
    extras.origin,
    extras.priority,
    extras.idempotencyKey,
    extras.idempotencyHash,
    index.status,
    index.workflow,
    index.created,
    index.ended,
    runCrc(run),
  );
}

const UPDATE_RUN =
  "UPDATE runs SET file = ?, owner_id = ?, epoch = ?, last_seq = ?, last_crc = ?, requests = ?, summary = ?, crc = ?";

/**
 * Without `withStatus` it works on both schemas. Columns with an index are not named where they stay as they are: SQLite
 * would write the index anew.
 */
export function updateRun(prepare: Prepare, run: RunRow, withStatus = false): void {
  const { file, ownerId, epoch, lastSeq, lastCrc, requests, summary, index, n } = run;
  const values = [file, ownerId, epoch, lastSeq, lastCrc, requests, summary, runCrc(run)];
  if (withStatus)
    prepare(`${UPDATE_RUN}, status = ?, ended = ? WHERE n = ?`).run(...values, index.status, index.ended, n);
  else prepare(`${UPDATE_RUN} WHERE n = ?`).run(...values, n);
}

/** What changes with its workflow only. */
export function updateWorkflow(prepare: Prepare, { n, definitionHash, index }: RunRow): void {
  prepare("UPDATE runs SET definition_hash = ?, workflow = ?, created = ? WHERE n = ?").run(
    ...[definitionHash, index.workflow, index.created, n],
  );
}

export function updateTotals(prepare: Prepare, totals: Totals): void {
  const { runs, lastRun, lastPos, lastRequest, pruned } = totals;
  prepare("UPDATE totals SET runs = ?, last_run = ?, last_pos = ?, last_request = ?, pruned = ?, crc = ?").run(
    ...[runs, lastRun, lastPos, lastRequest, pruned, totalsCrc(totals)],
  );
}
