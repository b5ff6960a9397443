// Whether a run that the index of ids does not lead to is really not there: it says so of one that it has lost, too.
import type { StatementSync } from "node:sqlite";
import type { Totals } from "./rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

/** Counting the ids of more runs than these takes more than some milliseconds. */
const MANY = 100_000;

/** How many ids there are, by the index that finds them. Without the condition SQLite counts by whichever index is the smallest. */
const COUNT = "SELECT count(*) AS count FROM runs INDEXED BY sqlite_autoindex_runs_1 WHERE run_id > ''";

const neighbours = (side: string): string => `
SELECT run_id AS listed, (SELECT run_id FROM runs AS row NOT INDEXED WHERE row.n = found.n) AS stored
FROM (SELECT run_id, n FROM runs INDEXED BY sqlite_autoindex_runs_1 WHERE ${side} LIMIT 2) AS found`;

/**
 * The ids before and after one that is not there, by the index and by the table. An entry that has changed still lies
 * where it was, so that whoever looks for what it was comes out beside it. Two of them, since one that has become
 * another sound one is in the wrong place.
 */
const BEFORE = neighbours("run_id < ? ORDER BY run_id DESC");
const AFTER = neighbours("run_id > ? ORDER BY run_id");

export interface AbsenceTools {
  readonly prepare: (sql: string) => StatementSync;
  readonly stateDir: string;
  readonly readTotals: () => Totals;
}

/**
 * @returns called within a snapshot with an id that was not found in it, and with the version of the data
 * @throws BusbarError JOURNAL_DAMAGED, by that, where the index has lost or changed an entry that may be its own
 */
export function createAbsenceCheck({ prepare, stateDir, readTotals }: AbsenceTools) {
  /** The version for which no entry is lost. */
  let completeAt: number | undefined;
  /** Where the index was found sound last, and for which version: nothing lies between the two ids. */
  let gap: { readonly version: number; readonly last: string; readonly next: string | undefined } | undefined;

  const changed = () => damagedJournal(stateDir, "its index of runs has changed");

  /** Once for each version; of many runs once, since what is lost is lost by other means than a commit. */
  const checkCount = (version: number): void => {
    if (completeAt === version) return;
    const { runs } = readTotals();
    if (completeAt !== undefined && runs > MANY) return;
    const count = prepare(COUNT).get()?.count;
    if (count !== runs) throw damagedJournal(stateDir, `its index of runs has ${count}, and should have ${runs}`);
    completeAt = version;
  };

  const readNeighbours = (sql: string, runId: string): readonly string[] =>
    prepare(sql)
      .all(runId)
      .map(({ listed, stored }) => {
        if (typeof listed !== "string" || listed !== stored) throw changed();
        return listed;
      });

  const checkNeighbours = (runId: string, version: number): void => {
    if (gap?.version === version && gap.last < runId && (gap.next === undefined || runId < gap.next)) return;
    const [before, after] = [readNeighbours(BEFORE, runId), readNeighbours(AFTER, runId)];
    const around = [...before.toReversed(), ...after];
    if (around.some((id, at) => at > 0 && id <= (around[at - 1] ?? ""))) throw changed();
    gap = { version, last: before[0] ?? "", next: after[0] };
  };

  return (runId: string, version: number): void => {
    checkNeighbours(runId, version);
    checkCount(version);
  };
}
