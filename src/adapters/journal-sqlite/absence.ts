// Whether a run that the index of ids does not lead to is really not there: it says so of one that it has lost, too.
import type { StatementSync } from "node:sqlite";
import { createNeighbours } from "./neighbours.ts";
import type { Totals } from "./rows.ts";
import { damagedJournal } from "./sqlite-errors.ts";

/** Counting the ids of more runs than these takes more than some milliseconds. */
const MANY = 100_000;

/** How many ids there are, by the index that finds them. Without the condition SQLite counts by whichever index is the smallest. */
const COUNT = "SELECT count(*) AS count FROM runs INDEXED BY sqlite_autoindex_runs_1 WHERE run_id > ''";

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
  const findNeighbours = createNeighbours(prepare, { index: "sqlite_autoindex_runs_1", column: "run_id" });
  /** The version for which no entry is lost. */
  let completeAt: number | undefined;
  /** Where the index was found sound last, and for which version: nothing lies between the two ids. */
  let gap: { readonly version: number; readonly last: string; readonly next: string | undefined } | undefined;

  /** Once for each version; of many runs once, since what is lost is lost by other means than a commit. */
  const checkCount = (version: number): void => {
    if (completeAt === version) return;
    const { runs } = readTotals();
    if (completeAt !== undefined && runs > MANY) return;
    const count = prepare(COUNT).get()?.count;
    if (count !== runs) throw damagedJournal(stateDir, `its index of runs has ${count}, and should have ${runs}`);
    completeAt = version;
  };

  const checkNeighbours = (runId: string, version: number): void => {
    if (gap?.version === version && gap.last < runId && (gap.next === undefined || runId < gap.next)) return;
    const found = findNeighbours(runId);
    if (found === undefined) throw damagedJournal(stateDir, "its index of runs has changed");
    gap = { version, last: found.before[0] ?? "", next: found.after[0] };
  };

  return (runId: string, version: number): void => {
    checkNeighbours(runId, version);
    checkCount(version);
  };
}
