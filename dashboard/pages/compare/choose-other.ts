import type { RunListing } from "../../api/shapes.ts";

/** Two runs; the older one is a. */
export interface Chosen {
  readonly a: string;
  readonly b: string;
}

type Choosable = Pick<RunListing, "run_id" | "status" | "created_at">;

/**
 * What a run is compared with where nobody said it: the newest one before it that succeeded, as that is how it should
 * have gone; else the newest other one that succeeded, else the newest other one.
 * @param others runs of the same workflow, newest first
 * @returns undefined where there is no other
 */
export function chooseOther(run: Choosable, others: readonly Choosable[]): Chosen | undefined {
  const other = others.filter(({ run_id }) => run_id !== run.run_id);
  const succeeded = other.filter(({ status }) => status === "succeeded");
  const chosen = succeeded.find(({ created_at }) => created_at < run.created_at) ?? succeeded[0] ?? other[0];
  if (chosen === undefined) return undefined;
  return chosen.created_at < run.created_at ? { a: chosen.run_id, b: run.run_id } : { a: run.run_id, b: chosen.run_id };
}
