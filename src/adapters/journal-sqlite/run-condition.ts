import { decodeCursor } from "../../ports/cursor.ts";
import { foldCase } from "../../ports/journal-rules.ts";
import type { RunFilter } from "../../ports/run-filter.ts";

/** Narrows a list by the columns that have an index; `values` fill in its question marks. */
export interface Condition {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

/**
 * Not less than what the filter lets through; the rest is for who reads the rows.
 * @param schema version 1 has no columns but `n`
 * @throws BusbarError USAGE
 */
export function conditionOf(filter: RunFilter, schema: number): Condition {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  const narrow = (part: string, ...more: readonly (string | number)[]): void => {
    parts.push(part);
    values.push(...more);
  };
  if (filter.before !== undefined) narrow("n < ?", decodeCursor(filter.before));
  if (schema > 1) narrowByIndex(filter, narrow);
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}

/** A summary that does not read back is let through, so that its run is told as damaged. */
const HAS_TEXT = `(instr(lower(workflow), ?) OR instr(lower(run_id), ?) OR (
  status IN ('failed', 'cancelled') AND CASE WHEN json_valid(summary)
    THEN instr(lower((summary ->> '$.error.code') || ': ' || (summary ->> '$.error.message')), ?) ELSE TRUE END))`;

function narrowByIndex(
  { status, workflow, text, origin, interrupted, since, createdBefore, ended, endedSince, endedBefore }: RunFilter,
  narrow: (part: string, ...values: readonly (string | number)[]) => void,
): void {
  if (status !== undefined) narrow("status = ?", status);
  else if (interrupted === true) narrow("status IN ('pending', 'running')");
  if (workflow !== undefined) narrow("workflow = ?", workflow);
  if (text !== undefined) narrow(HAS_TEXT, ...Array(3).fill(foldCase(text)));
  if (origin !== undefined) narrow("origin = ?", origin);
  // Most runs have ended: they are met in the order of `n`, where the index would have all of them sorted for each page.
  if (ended === true) narrow("+status IN ('succeeded', 'failed', 'cancelled')");
  if (ended === false) narrow("status IN ('pending', 'running')");
  if (endedSince !== undefined) {
    const from = Date.parse(endedSince);
    narrow(
      `n >= (SELECT coalesce(min(n), ${Number.MAX_SAFE_INTEGER}) FROM runs INDEXED BY runs_by_ended WHERE ended >= ?) AND ended >= ?`,
      from,
      from,
    );
  }
  if (endedBefore !== undefined) {
    const until = Date.parse(endedBefore);
    narrow(
      `n <= (SELECT coalesce(max(n), 0) FROM runs INDEXED BY runs_by_ended WHERE ended < ?) AND ended < ?`,
      until,
      until,
    );
  }
  if (createdBefore !== undefined) {
    const until = Date.parse(createdBefore);
    narrow(
      `n <= (SELECT coalesce(max(n), 0) FROM runs INDEXED BY runs_by_created WHERE created < ?) AND created < ?`,
      until,
      until,
    );
  }
  if (since === undefined) return;
  // Runs are made in the order of `n`, but a clock may have been set: the first that is new enough bounds the list. By
  // itself SQLite would look for it in the table, row by row from the first.
  const from = Date.parse(since);
  narrow(
    `n >= (SELECT coalesce(min(n), ${Number.MAX_SAFE_INTEGER}) FROM runs INDEXED BY runs_by_created WHERE created >= ?) AND created >= ?`,
    from,
    from,
  );
}
