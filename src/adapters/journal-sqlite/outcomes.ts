import type { StatementSync } from "node:sqlite";
import type { RunStatus } from "../../engine/status.ts";
import type { OutcomePage, RunOutcome } from "../../ports/run-outcomes.ts";

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
