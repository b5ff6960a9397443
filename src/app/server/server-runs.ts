import type { AuditLog, TokenStore } from "../../ports/access.ts";
import type { Outcomes } from "../../ports/run-outcomes.ts";
import type { Runtime } from "../../ports/runtime.ts";
import type { SystemView } from "../../ports/system.ts";
import type { Owner } from "../busbar.ts";

/** The runs of a server, wherever they are driven, and who may use it. */
export interface ServerRuns extends Runtime, Outcomes {
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  /** Writes a line to the log file, where there is one, of what happened to this process rather than to a run. */
  note(level: "WARNING" | "ERROR", message: string): void;
  /** Deletes a run that has ended, with its logs; false where it has not ended, or ended a moment ago. */
  deleteRun(runId: string): Promise<boolean>;
  /** Deletes ended runs, with their logs. */
  readonly prune: Owner["prune"];
  /** How full the queue is. */
  queue(): SystemView["runs"];
  /** The cluster that drives them, if one does. */
  readonly readCluster?: () => Promise<SystemView["cluster"]>;
  /** Whether the runs of an earlier server have been found. */
  isReady(): boolean;
  /** Whether the run is about to be taken up, if nobody drives it. */
  isTakenUp(runId: string): boolean;
  /** Starts nothing from now on, and lets go of the runs once their calls have ended or the time is over. */
  letGo(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Tells whoever looks after a server of what it survives: in its log, and at once. */
export function tellBy(
  note: ServerRuns["note"],
  onTrouble: ((trouble: unknown) => void) | undefined,
): (message: string) => void {
  return (message) => {
    note("WARNING", message);
    onTrouble?.(new Error(message));
  };
}
