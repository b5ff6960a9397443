import type { StatementSync } from "node:sqlite";
import type { KeyedRun } from "../../ports/run-facts.ts";
import { createNeighbours } from "./neighbours.ts";
import { type RunRow, SELECT, toRunRow } from "./rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

type Prepare = (sql: string) => StatementSync;

/**
 * The run that has an idempotency key, by the index of keys, within the caller's transaction.
 * @throws BusbarError JOURNAL_DAMAGED
 */
export function findKey(prepare: Prepare, stateDir: string, key: string): RunRow | undefined {
  const row = prepare(`${SELECT.run} WHERE idempotency_key = ?`).get(key);
  if (row === undefined) return undefined;
  const run = toRunRow(row, String(row.run_id));
  if (run.extras.idempotencyKey !== key) throw changedKeys(stateDir);
  return run;
}

/**
 * The same, and before it is said that no run has a key the index is looked at where it would stand. A page of it that
 * lost entries is found by the check of the whole journal: nothing counts keys.
 */
export function createFindKey(prepare: Prepare, stateDir: string): (key: string) => RunRow | undefined {
  const findNeighbours = createNeighbours(prepare, { index: "runs_by_key", column: "idempotency_key" });
  return (key) => {
    const run = findKey(prepare, stateDir, key);
    if (run === undefined && findNeighbours(key) === undefined) throw changedKeys(stateDir);
    return run;
  };
}

function changedKeys(stateDir: string): Error {
  return damagedJournal(stateDir, "its index of keys has changed");
}

export function keyedRunOf({ runId, extras }: RunRow): KeyedRun {
  return { run_id: runId, hash: extras.idempotencyHash ?? "" };
}
