import { formatDuration } from "../../kernel/durations.ts";
import type { RunListing } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { describeTime } from "./describe-time.ts";
import { describeStatus, describeStatusShort, isInterrupted, nextCommand } from "./next-command.ts";
import { paintOf } from "./status.ts";
import type { Style } from "./style.ts";
import { type Cell, type Column, fits, renderTable } from "./table.ts";

export interface RunsTableOptions {
  readonly columns: number;
  readonly style: Style;
  readonly formatCommand: FormatCommand;
}

interface RunColumn extends Column {
  cell(run: RunListing): Cell | string;
}

/** The list of runs. Interrupted and paused ones name the command that lets them go on, whole, on a line of its own where it must be. */
export function renderRuns(runs: readonly RunListing[], options: RunsTableOptions): string {
  const { style, formatCommand } = options;
  const id: RunColumn = { title: "run", cell: (run) => ({ text: run.run_id, paint: style.bold }) };
  const workflow: RunColumn = { title: "workflow", shrinkTo: 12, cell: (run) => run.workflow };
  const status = (describe: (run: RunListing) => string): RunColumn => ({
    title: "status",
    cell: (run) => ({ text: describe(run), paint: isHeld(run) ? style.yellow : paintOf(run.status, style) }),
  });
  const nodes: RunColumn = { title: "nodes", align: "right", cell: describeNodes };
  const created: RunColumn = { title: "created", cell: (run) => describeTime(run.created_at) };
  const took: RunColumn = {
    title: "took",
    align: "right",
    cell: (run) => (run.duration_ms === undefined ? "" : formatDuration(run.duration_ms)),
  };
  const goOn = (run: RunListing): string | undefined => (isHeld(run) ? nextCommand(run, formatCommand) : undefined);
  const next: RunColumn = { title: "next", cell: (run) => goOn(run) ?? "" };

  const [long, short] = [status(describeStatus), status(describeStatusShort)];
  // From what says most to what says least; an id or a command that is cut could not be typed.
  const layouts: readonly (readonly RunColumn[])[] = [
    [id, workflow, long, nodes, created, took, next],
    [id, workflow, short, nodes, created, took],
    [id, workflow, short, nodes, created],
    [id, workflow, short, nodes],
    [id, short, nodes],
    [id, short],
  ];
  const rowsOf = (layout: readonly RunColumn[]) => runs.map((run) => layout.map(({ cell }) => cell(run)));
  const layout = layouts.find((one) => fits(one, rowsOf(one), options)) ?? [id, short];
  const below = layout.includes(next) ? [] : runs.map(goOn);
  return renderTable(layout, rowsOf(layout), { ...options, below });
}

/** Unfinished, and it does not go on by itself. */
function isHeld(run: RunListing): boolean {
  return isInterrupted(run) || run.paused;
}

/** `2/3`: succeeded of all. */
function describeNodes(run: RunListing): string {
  const total = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  return `${run.counts.succeeded}/${total}`;
}
