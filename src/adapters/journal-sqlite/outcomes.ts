import type { StatementSync } from "node:sqlite";
import type { RunStatus } from "../../engine/status.ts";
import type { OutcomePage, RunCounts, RunOutcome } from "../../ports/run-outcomes.ts";

const COLUMNS = "SELECT n, workflow, status, ended FROM runs INDEXED BY runs_by_ended";

/** Rows of one time have their numbers in the index, too. */
const QUERIES: { readonly [towards in OutcomePage["towards"]]: string } = {
  earlier: `${COLUMNS} WHERE ended <= ?1 AND (ended < ?1 OR n < ?2) ORDER BY ended DESC, n DESC LIMIT ?3`,
  later: `${COLUMNS} WHERE ended >= ?1 AND (ended > ?1 OR n > ?2) ORDER BY ended, n LIMIT ?3`,
};

/** From the columns alone: whether a row is what was written is not looked at for a count. */
export function readOutcomes(
  prepare: (sql: string) => StatementSync,
  { from, towards, limit }: OutcomePage,
): readonly RunOutcome[] {
  return prepare(QUERIES[towards])
    .all(from.ended, from.n, limit)
    .map(({ n, workflow, status, ended }) => ({
      n: Number(n),
      ended: Number(ended),
      workflow: String(workflow),
      status: String(status) as RunStatus,
    }));
}

/** Each of these is answered by the index of statuses alone; unfinished runs are few. */
const COUNT_ENDED =
  "SELECT status, count(*) AS runs FROM runs WHERE status IN ('succeeded', 'failed', 'cancelled') GROUP BY status";
const COUNT_UNFINISHED =
  "SELECT status, owner_id, min(run_id) AS run_id, count(*) AS runs FROM runs WHERE status IN ('pending', 'running') GROUP BY status, owner_id";

/** Of columns alone, too. @param isAlive of the owner of a run */
export function countRuns(
  prepare: (sql: string) => StatementSync,
  isAlive: (ownerId: string, runId: string) => boolean,
): RunCounts {
  const counts = { pending: 0, running: 0, interrupted: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const { status, runs } of prepare(COUNT_ENDED).all()) counts[status as RunStatus] = Number(runs);
  for (const { status, owner_id, run_id, runs } of prepare(COUNT_UNFINISHED).all()) {
    const alive = isAlive(String(owner_id), String(run_id));
    counts[alive ? (status as RunStatus) : "interrupted"] += Number(runs);
  }
  return counts;
}
