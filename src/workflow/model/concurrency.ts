import type { Template } from "./template.ts";

/** What becomes of a run that is one too many: it waits, none is made, or the oldest of the others is cancelled. */
export type WhenFull = "queue" | "reject" | "cancel_oldest";

export const WHEN_FULL: readonly WhenFull[] = ["queue", "reject", "cancel_oldest"];

/** How many runs of a workflow a server lets go on at once. */
export interface Concurrency {
  /** ≥ 1. */
  readonly maxRuns: number;
  /** Runs are counted by what this becomes, of those with the name of the workflow; all together where there is none. */
  readonly key?: Template;
  readonly whenFull: WhenFull;
}
