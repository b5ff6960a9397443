import type { StatementSync } from "node:sqlite";
import { BusbarError } from "../../kernel/errors.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import { type Row, type RunRow, SELECT, toRequest, toRunRow } from "./rows.ts";

/**
 * Looks for requests that wait for an owner; made to be asked again and again. No
 * index tells which are unanswered, so what was looked at once is remembered: each
 * time costs as much as there are new requests and unanswered ones, however many
 * were ever made. Ids ascend in the order of commits, and no request is deleted.
 *
 * This finds work and shows nobody anything: a row that is damaged is passed over,
 * and found by `readRequests` of its run.
 *
 * @returns reads within the caller's transaction
 */
export function createUnansweredReads(
  prepare: (sql: string) => StatementSync,
): (ownerId: string) => readonly RequestRecord[] {
  let lastId = 0;
  /** Ids up to `lastId` that had no answer, whoever owns their runs. */
  let waiting: readonly number[] = [];

  const findRun = (row: Row): RunRow | undefined =>
    tolerateDamage(() => {
      const run = prepare(`${SELECT.run} WHERE n = ?`).get(row.run ?? null);
      return run === undefined ? undefined : toRunRow(run, String(run.run_id));
    });

  return (ownerId) => {
    const newer = prepare("SELECT id FROM requests WHERE id > ? AND answer IS NULL ORDER BY id").all(lastId);
    const last = prepare("SELECT coalesce(max(id), 0) AS id FROM requests").get();
    const rows = [...waiting, ...newer.map(({ id }) => Number(id))].flatMap((id) => {
      const row = prepare(`${SELECT.request} WHERE id = ? AND answer IS NULL`).get(id);
      return row === undefined ? [] : [row];
    });
    lastId = Number(last?.id);
    waiting = rows.map(({ id }) => Number(id));
    return rows.flatMap((row) => {
      const run = findRun(row);
      if (run?.ownerId !== ownerId) return [];
      return tolerateDamage(() => toRequest(row, run.runId)) ?? [];
    });
  };
}

function tolerateDamage<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof BusbarError && thrown.code === "JOURNAL_DAMAGED") return undefined;
    throw thrown;
  }
}
