// How a request is written, by owners and by those who only ask. All within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import { type RunRow, requestCrc, SELECT, toRequest } from "./rows.ts";

type Prepare = (sql: string) => StatementSync;

export function findRequest(prepare: Prepare, run: RunRow, key: string): RequestRecord | undefined {
  const row = prepare(`${SELECT.request} WHERE run = ? AND key = ?`).get(run.n, key);
  return row === undefined ? undefined : toRequest(row, run.runId);
}

/**
 * The highest id that was ever given: owners remember up to which they have looked, also where the run of the last one
 * is pruned. Schema version 1 has no such memory, and nothing is deleted there.
 */
function lastId(prepare: Prepare): number {
  const last = prepare("SELECT coalesce(max(id), 0) AS id FROM requests").get();
  if (prepare("PRAGMA user_version").get()?.user_version === 1) return Number(last?.id);
  const given = prepare("SELECT seq FROM sqlite_sequence WHERE name = 'requests'").get();
  return Math.max(Number(last?.id), Number(given?.seq ?? 0));
}

/** Counts the request in `run` too, whose row is the caller's to update. */
export function insertRequest(prepare: Prepare, run: RunRow, request: NewRequest): RequestRecord {
  const record: RequestRecord = { ...request, id: lastId(prepare) + 1 };
  run.requests += 1;
  prepare('INSERT INTO requests (id, run, key, kind, "by", at, reason, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
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
