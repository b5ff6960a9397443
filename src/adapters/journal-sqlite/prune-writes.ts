// How a run is deleted, within the caller's transaction.
import type { StatementSync } from "node:sqlite";
import { tombstoneCrc } from "./rows.ts";
import { damagedRun } from "./sqlite-errors.ts";

type Prepare = (sql: string) => StatementSync;

/** Pages that one transaction gives back: some milliseconds. */
const PAGES = 256;

/**
 * Deletes the rows of a run, and the workflows that no other run needs.
 * @throws BusbarError JOURNAL_DAMAGED, with nothing changed, where not all of its events are found
 */
export function deleteRun(
  prepare: Prepare,
  run: { readonly n: number; readonly runId: string; readonly lastSeq: number; readonly definitionHash: string },
  prunedAt: string,
): void {
  const { n, runId, lastSeq } = run;
  const found = prepare("SELECT count(*) AS count FROM events WHERE run = ?").get(n)?.count;
  if (found !== lastSeq) throw damagedRun(runId, undefined, `${lastSeq} events were written, ${found} are there`);
  const earlier = prepare("SELECT hash FROM earlier_definitions WHERE run = ?").all(n);
  for (const table of ["events", "requests", "earlier_definitions"]) {
    prepare(`DELETE FROM ${table} WHERE run = ?`).run(n);
  }
  prepare("DELETE FROM runs WHERE n = ?").run(n);
  for (const hash of [run.definitionHash, ...earlier.map((row) => String(row.hash))]) {
    prepare(
      `DELETE FROM definitions WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM runs WHERE definition_hash = ?1)
        AND NOT EXISTS (SELECT 1 FROM earlier_definitions WHERE hash = ?1)`,
    ).run(hash);
  }
  prepare("INSERT INTO tombstones VALUES (?, ?, 1, ?)").run(runId, prunedAt, tombstoneCrc({ runId, prunedAt }));
}

/** The highest id of its requests; 0 if it has none. */
export function lastRequestOf(prepare: Prepare, { n }: { readonly n: number }): number {
  return Number(prepare("SELECT coalesce(max(id), 0) AS id FROM requests WHERE run = ?").get(n)?.id);
}

export function noteSwept(prepare: Prepare, runIds: readonly string[]): void {
  for (const runId of runIds) prepare("UPDATE tombstones SET has_logs = 0 WHERE run_id = ?").run(runId);
}

/** Cuts free pages off the end of the database. @returns whether there may be more */
export function cutFreePages(prepare: Prepare): boolean {
  const free = (): number => Number(prepare("PRAGMA freelist_count").get()?.freelist_count);
  const before = free();
  if (before === 0) return false;
  prepare(`PRAGMA incremental_vacuum(${PAGES})`).all();
  const after = free();
  return after > 0 && after < before;
}
