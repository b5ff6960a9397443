import type { RunFilter } from "../../ports/run-filter.ts";

/** Narrows a list by the columns that have an index; `values` fill in its question marks. */
export interface Condition {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

export const NO_CONDITION: Condition = { where: "", values: [] };

/** Not less than what the filter lets through; the rest is for who reads the rows. */
export function conditionOf({ status, workflow, interrupted }: RunFilter): Condition {
  const parts: string[] = [];
  const values: (string | number)[] = [];
  if (status !== undefined) {
    parts.push("status = ?");
    values.push(status);
  } else if (interrupted === true) {
    parts.push("status IN ('pending', 'running')");
  }
  if (workflow !== undefined) {
    parts.push("workflow = ?");
    values.push(workflow);
  }
  return parts.length === 0 ? NO_CONDITION : { where: `WHERE ${parts.join(" AND ")}`, values };
}
