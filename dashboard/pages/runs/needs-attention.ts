import type { RunListing } from "../../api/shapes.ts";
import { shownStatusOf } from "../../model/shown-status.ts";

/** A run that does not go on, or did not succeed, unless somebody does something. */
export interface Attention {
  readonly run: RunListing;
  readonly step: "resume" | "unpause";
  /** Earlier runs of the same workflow that have failed as well, since one last succeeded. */
  readonly earlier: number;
}

/**
 * Which runs of a list, newest first, need somebody. Of a workflow the last failure alone, and only until a later run of
 * it has succeeded; each that is interrupted or paused.
 */
export function needsAttention(runs: readonly RunListing[]): readonly Attention[] {
  const found: { run: RunListing; step: Attention["step"]; earlier: number }[] = [];
  const failures = new Map<string, { earlier: number } | "mended">();
  for (const run of runs) {
    const status = shownStatusOf(run);
    if (status === "interrupted") found.push({ run, step: "resume", earlier: 0 });
    else if (status === "paused") found.push({ run, step: "unpause", earlier: 0 });
    else if (status === "succeeded") failures.set(run.workflow, "mended");
    else if (status === "failed") {
      const later = failures.get(run.workflow);
      if (later === "mended") continue;
      if (later !== undefined) later.earlier += 1;
      else {
        const attention = { run, step: "resume" as const, earlier: 0 };
        failures.set(run.workflow, attention);
        found.push(attention);
      }
    }
  }
  return found;
}
