// How a request is written, by owners and by those who only ask. All within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import type { NewRequest, RequestRecord } from "../../ports/requests.ts";
import { type RunRow, requestCrc, SELECT, type Totals, toRequest } from "./rows.ts";

type Prepare = (sql: string) => StatementSync;

export function findRequest(prepare: Prepare, run: RunRow, key: string): RequestRecord | undefined {
  const row = prepare(`${SELECT.request} WHERE run = ? AND key = ?`).get(run.n, key);
  return row === undefined ? undefined : toRequest(row, run.runId);
}

/**
 * Counts the request in `run` too, whose row is the caller's to update. Its id is the next that was never given: owners
 * remember up to which they have looked, also where the run of the last one is pruned.
 */
export function insertRequest(
  prepare: Prepare,
  run: RunRow,
  request: NewRequest,
  { lastRequest }: Pick<Totals, "lastRequest">,
): RequestRecord {
  const stored = Number(prepare("SELECT coalesce(max(id), 0) AS id FROM requests").get()?.id);
  const record: RequestRecord = { ...request, id: Math.max(stored, lastRequest) + 1 };
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
