import type { RunListing } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";

/** Unfinished, and nobody drives it. */
export function isInterrupted(run: Pick<RunListing, "status" | "owner">): boolean {
  return (run.status === "pending" || run.status === "running") && run.owner?.alive === false;
}

/** `running`, or `running (interrupted)`. */
export function describeStatus(run: Pick<RunListing, "status" | "owner">): string {
  return isInterrupted(run) ? `${run.status} (interrupted)` : run.status;
}

/** What to type next about a run, if there is something to do. */
export function nextCommand(
  run: Pick<RunListing, "run_id" | "status" | "owner">,
  formatCommand: FormatCommand,
): string | undefined {
  if (run.status === "succeeded") return undefined;
  if (run.status === "failed" || run.status === "cancelled" || isInterrupted(run)) {
    return formatCommand(`resume ${run.run_id}`);
  }
  return formatCommand(`watch ${run.run_id}`);
}
