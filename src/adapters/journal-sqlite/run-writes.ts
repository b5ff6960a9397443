// How the row of a run is written, within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import { type RunRow, runCrc } from "./rows.ts";

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

/** Works on both schemas. `definition_hash` has an index, which SQLite would write anew each time. */
export function updateRun(prepare: Prepare, run: RunRow): void {
  prepare(
    "UPDATE runs SET file = ?, owner_id = ?, epoch = ?, last_seq = ?, last_crc = ?, requests = ?, summary = ?, crc = ? WHERE n = ?",
  ).run(run.file, run.ownerId, run.epoch, run.lastSeq, run.lastCrc, run.requests, run.summary, runCrc(run), run.n);
}

/** What has an index, and changes a few times in a run's life. */
export function updateIndex(prepare: Prepare, { n, definitionHash, index }: RunRow): void {
  prepare("UPDATE runs SET definition_hash = ?, status = ?, workflow = ?, created = ?, ended = ? WHERE n = ?").run(
    definitionHash,
    index.status,
    index.workflow,
    index.created,
    index.ended,
    n,
  );
}
