import { nextStep } from "../../engine/explain.ts";
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

/** What to type next about a run of a list, if there is something to do. */
export function nextCommand(
  run: Pick<RunListing, "run_id" | "status" | "owner" | "paused">,
  formatCommand: FormatCommand,
): string | undefined {
  const step = nextStep({ ...run, isInterrupted: isInterrupted(run) });
  return step === undefined ? undefined : formatCommand(`${step} ${run.run_id}`);
}
