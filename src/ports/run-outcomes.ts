import type { RunStatus } from "../engine/status.ts";

/** Where a run stands among those that have ended: by when it did, and by when it was made where that is the same. */
export interface OutcomePlace {
  /** Milliseconds since 1970. */
  readonly ended: number;
  readonly n: number;
}

/** What became of a run. One that was resumed afterwards has another outcome then, at another place. */
export interface RunOutcome extends OutcomePlace {
  readonly workflow: string;
  readonly status: RunStatus;
}

/** Some of the outcomes before or after a place, the nearest first. */
export interface OutcomePage {
  readonly from: OutcomePlace;
  readonly towards: "earlier" | "later";
  readonly limit: number;
}

/** How many runs there are, by where they stand; those that nobody drives are counted as interrupted alone. */
export type RunCounts = { readonly [status in RunStatus | "interrupted"]: number };

/** What a journal says of runs for counting: cheap enough for all of them, outcomes a page at a time. */
export interface Outcomes {
  countRuns(): Promise<RunCounts>;
  readOutcomes(page: OutcomePage): Promise<readonly RunOutcome[]>;
}
