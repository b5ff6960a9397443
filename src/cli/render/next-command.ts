import type { RunListing } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";

/** Unfinished, and nobody drives it. */
export function isInterrupted(run: Pick<RunListing, "status" | "owner">): boolean {
  return (run.status === "pending" || run.status === "running") && run.owner?.alive === false;
}

/** `running`, `running (interrupted)`, `running (interrupted, paused)`. */
export function describeStatus(run: Pick<RunListing, "status" | "owner" | "paused">): string {
  const facts = [...(isInterrupted(run) ? ["interrupted"] : []), ...(run.paused ? ["paused"] : [])];
  return facts.length === 0 ? run.status : `${run.status} (${facts.join(", ")})`;
}

/** The fact that matters most where there is no room for the status beside it. */
export function describeStatusShort(run: Pick<RunListing, "status" | "owner" | "paused">): string {
  return isInterrupted(run) ? "interrupted" : run.paused ? "paused" : run.status;
}

/** What to type next about a run, if there is something to do. */
export function nextCommand(
  run: Pick<RunListing, "run_id" | "status" | "owner" | "paused">,
  formatCommand: FormatCommand,
): string | undefined {
  if (run.status === "succeeded") return undefined;
  if (run.status === "failed" || run.status === "cancelled" || isInterrupted(run)) {
    return formatCommand(`resume ${run.run_id}`);
  }
  if (run.paused) return formatCommand(`unpause ${run.run_id}`);
  return formatCommand(`watch ${run.run_id}`);
}
