import { formatDuration } from "../../kernel/durations.ts";
import type { RunListing } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { describeStatus, isInterrupted, nextCommand } from "./next-command.ts";
import { paintOf } from "./status.ts";
import type { Style } from "./style.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "run" },
  { title: "workflow", shrinkTo: 12 },
  { title: "status" },
  { title: "nodes", align: "right" },
  { title: "created" },
  { title: "took", align: "right" },
  { title: "next", shrinkTo: 0 },
];

/** The list of runs. Interrupted ones name the command that resumes them. */
export function renderRuns(
  runs: readonly RunListing[],
  options: { readonly columns: number; readonly style: Style; readonly formatCommand: FormatCommand },
): string {
  const rows = runs.map((run) => [
    { text: run.run_id, paint: options.style.bold },
    run.workflow,
    {
      text: describeStatus(run),
      paint: isInterrupted(run) ? options.style.yellow : paintOf(run.status, options.style),
    },
    describeNodes(run),
    describeTime(run.created_at),
    run.duration_ms === undefined ? "" : formatDuration(run.duration_ms),
    isInterrupted(run) ? (nextCommand(run, options.formatCommand) ?? "") : "",
  ]);
  return renderTable(COLUMNS, rows, options);
}

/** `2/3`: succeeded of all. */
function describeNodes(run: RunListing): string {
  const total = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  return `${run.counts.succeeded}/${total}`;
}

/** `2026-11-23 15:04:05Z` */
export function describeTime(at: string): string {
  return at.replace("T", " ").replace(/\.\d+Z$/, "Z");
}
