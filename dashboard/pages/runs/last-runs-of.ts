import type { RunListing } from "../../api/shapes.ts";

const LAST = 20;

/** The last 20 runs of each workflow that have ended, newest first. */
export type LastRunsOf = ReadonlyMap<string, readonly RunListing[]>;

/**
 * Joins what was asked for with what the list shows, which is newer.
 * @param before what this gave last: what is as it was stays the same object, so that its rows are not drawn anew
 */
export function lastRunsOf(asked: LastRunsOf, listed: readonly RunListing[], before: LastRunsOf): LastRunsOf {
  const found = new Map<string, Map<string, RunListing>>();
  for (const run of [...listed, ...[...asked.values()].flat()]) {
    if (run.ended_at === undefined) continue;
    const runs = found.get(run.workflow) ?? new Map<string, RunListing>();
    if (!runs.has(run.run_id)) runs.set(run.run_id, run);
    found.set(run.workflow, runs);
  }
  return new Map(
    [...found].map(([workflow, byId]) => {
      const runs = [...byId.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, LAST);
      const old = before.get(workflow);
      const isSame =
        old?.length === runs.length &&
        runs.every((run, at) => run.last_seq === old[at]?.last_seq && run.run_id === old[at].run_id);
      return [workflow, isSame ? old : runs];
    }),
  );
}
