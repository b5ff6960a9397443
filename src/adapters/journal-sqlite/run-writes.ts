// How the row of a run, and that of the totals, is written, within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import { type RunRow, runCrc, type Totals, totalsCrc } from "./rows.ts";

type Prepare = (sql: string) => StatementSync;

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

/** Works on both schemas. What has an index is not among it: SQLite would write the index anew each time. */
export function updateRun(prepare: Prepare, run: RunRow): void {
  prepare(
    "UPDATE runs SET file = ?, owner_id = ?, epoch = ?, last_seq = ?, last_crc = ?, requests = ?, summary = ?, crc = ? WHERE n = ?",
  ).run(run.file, run.ownerId, run.epoch, run.lastSeq, run.lastCrc, run.requests, run.summary, runCrc(run), run.n);
}

/** What changes a few times in a run's life. */
export function updateStatus(prepare: Prepare, { n, index }: RunRow): void {
  prepare("UPDATE runs SET status = ?, ended = ? WHERE n = ?").run(index.status, index.ended, n);
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
