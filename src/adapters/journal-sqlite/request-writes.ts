// How a request is written, by owners and by those who only ask. All within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import { type RunRow, requestCrc, runCrc, SELECT, toRequest } from "./rows.ts";

type Prepare = (sql: string) => StatementSync;

export function findRequest(prepare: Prepare, run: RunRow, key: string): RequestRecord | undefined {
  const row = prepare(`${SELECT.request} WHERE run = ? AND key = ?`).get(run.n, key);
  return row === undefined ? undefined : toRequest(row, run.runId);
}

/** Counts the request in `run` too, whose row is the caller's to update. */
export function insertRequest(prepare: Prepare, run: RunRow, request: NewRequest): RequestRecord {
  const last = prepare("SELECT coalesce(max(id), 0) AS id FROM requests").get();
  const record: RequestRecord = { ...request, id: Number(last?.id) + 1 };
  run.requests += 1;
  prepare("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)").run(
    record.id,
    run.n,
    record.key,
    record.kind,
    record.by,
    record.at,
    record.reason ?? null,
    requestCrc(record, run.n, null),
  );
  return record;
}

export function updateRun(prepare: Prepare, run: RunRow): void {
  prepare(
    "UPDATE runs SET definition_hash = ?, file = ?, owner_id = ?, epoch = ?, last_seq = ?, last_crc = ?, requests = ?, summary = ?, crc = ? WHERE n = ?",
  ).run(
    run.definitionHash,
    run.file,
    run.ownerId,
    run.epoch,
    run.lastSeq,
    run.lastCrc,
    run.requests,
    run.summary,
    runCrc(run),
    run.n,
  );
}
