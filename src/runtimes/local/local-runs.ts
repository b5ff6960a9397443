import type { RunRecord } from "../../ports/journal.ts";
import type { Driver } from "./driver.ts";

/** How often an owner looks for requests (semantics.md, "Requests"), and who watches for events of a run that is driven elsewhere. */
export const LOOK_MS = 200;

/** What whoever looks at runs, or asks something of one, has to know of those that are driven in this process. */
export interface LocalRuns {
  /** Whether the run belongs to this process. */
  owns(run: RunRecord): boolean;
  driverOf(runId: string): Driver | undefined;
  /** Why the run is driven no more, if it was left here before its end and nobody has taken it up again. */
  leftOver(runId: string): unknown;
}

/** Of a process that drives none. */
export const NO_LOCAL_RUNS: LocalRuns = { owns: () => false, driverOf: () => undefined, leftOver: () => undefined };
