import type { StatementSync } from "node:sqlite";
import type { KeyedRun } from "../../ports/run-facts.ts";
import { createNeighbours } from "./neighbours.ts";
import { type RunRow, SELECT, toRunRow } from "./rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

/**
 * Before it is said that no run has a key, the index of keys is looked at where it would stand. A page of it that lost
 * entries is found by the check of the whole journal: nothing counts keys.
 *
 * @returns within the caller's transaction the run that has an idempotency key
 * @throws BusbarError JOURNAL_DAMAGED, by that
 */
export function createFindKey(
  prepare: (sql: string) => StatementSync,
  stateDir: string,
): (key: string) => RunRow | undefined {
  const findNeighbours = createNeighbours(prepare, { index: "runs_by_key", column: "idempotency_key" });
  return (key) => {
    const row = prepare(`${SELECT.run} WHERE idempotency_key = ?`).get(key);
    if (row === undefined) {
      if (findNeighbours(key) === undefined) throw damagedJournal(stateDir, "its index of keys has changed");
      return undefined;
    }
    const run = toRunRow(row, String(row.run_id));
    if (run.extras.idempotencyKey !== key) throw damagedJournal(stateDir, "its index of keys has changed");
    return run;
  };
}

export function keyedRunOf({ runId, extras }: RunRow): KeyedRun {
  return { run_id: runId, hash: extras.idempotencyHash ?? "" };
}
