import { formatDuration } from "../../kernel/durations.ts";
import { describeCounts } from "../render/end.ts";
import { skipText, succeededText } from "../render/event-line.ts";
import { paintOf, symbolOf } from "../render/status.ts";
import type { Style } from "../render/style.ts";
import { type Cell, type Column, renderTable } from "../render/table.ts";
import { truncate, widthOf } from "../render/text-width.ts";
import type { NodeProgress, ProgressModel } from "./model.ts";

/** A narrower terminal has no room for the table. */
export const MIN_COLUMNS = 40;

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Together they fit into MIN_COLUMNS - 1. */
const COLUMNS: readonly Column[] = [
  { title: "" },
  { title: "node", shrinkTo: 8 },
  { title: "status", shrinkTo: 6 },
  { title: "time", align: "right", shrinkTo: 7 },
  { title: "attempts", align: "right", shrinkTo: 3 },
  { title: "", shrinkTo: 0 },
];

/** Which nodes get a row when there are more nodes than rows: those at work, then those that failed, then the rest. */
const INTEREST: { readonly [status in NodeProgress["status"]]: number } = {
  running: 0,
  waiting: 1,
  failed: 2,
  cancelled: 3,
  succeeded: 4,
  pending: 5,
  skipped: 6,
};

export interface FrameOptions {
  /** MIN_COLUMNS or more. */
  readonly columns: number;
  readonly rows: number;
  /** Monotonic, as the model's times. */
  readonly nowMs: number;
  /** Counts up; turns the spinner. */
  readonly turn: number;
  readonly style: Style;
}

/**
 * The node table of a run that goes on, as lines: fewer than `rows`, and each narrower than `columns`. A full last line
 * or column would make the terminal scroll or wrap.
 */
export function renderFrame(model: ProgressModel, options: FrameOptions): readonly string[] {
  const width = options.columns - 1;
  const counts = renderCounts(model, width, options.style);
  // Two lines go to the table's head and the counts.
  const room = options.rows - 3;
  if (room < 1) return options.rows > 1 ? [counts] : [];
  const total = model.nodes.size;
  // A single row is better than the number of those that have none.
  const told = total > room && room > 1;
  const shown = pickRows(model, told ? room - 1 : room);
  const table = renderTable(
    COLUMNS,
    shown.map((node) => rowOf(node, options)),
    { columns: width, style: options.style },
  );
  const more = told ? [options.style.dim(`… ${total - shown.length} more nodes`)] : [];
  return [...table.split("\n").slice(0, -1), ...more, counts];
}

function pickRows(model: ProgressModel, room: number): readonly NodeProgress[] {
  const all = [...model.nodes.values()];
  if (all.length <= room) return all;
  const byInterest = all
    .map((node, position) => ({ node, position }))
    .sort((a, b) => INTEREST[a.node.status] - INTEREST[b.node.status] || a.position - b.position)
    .slice(0, room);
  return byInterest.sort((a, b) => a.position - b.position).map(({ node }) => node);
}

function rowOf(node: NodeProgress, options: FrameOptions): readonly (Cell | string)[] {
  const paint = paintOf(node.status, options.style);
  const symbol = node.status === "running" ? (SPINNER[options.turn % SPINNER.length] ?? "") : symbolOf(node.status);
  return [
    { text: symbol, paint },
    node.id,
    { text: node.status, paint },
    timeOf(node, options.nowMs),
    node.attempts > 1 ? String(node.attempts) : "",
    { text: remarkOf(node, options.nowMs), paint: options.style.dim },
  ];
}

function timeOf(node: NodeProgress, nowMs: number): string {
  if (node.status === "running" && node.sinceMs !== undefined) return formatDuration(Math.max(0, nowMs - node.sinceMs));
  return node.durationMs === undefined ? "" : formatDuration(node.durationMs);
}

function remarkOf(node: NodeProgress, nowMs: number): string {
  const error = node.error === undefined ? "" : `${node.error.code}: ${node.error.message}`;
  switch (node.status) {
    case "waiting": {
      const again = node.untilMs === undefined ? "" : `again in ${formatDuration(Math.max(0, node.untilMs - nowMs))}`;
      return [again, error === "" ? (node.reason ?? "") : error].filter((text) => text !== "").join("; ");
    }
    case "skipped":
      return skipText(node.reason, node.because);
    case "succeeded":
      return succeededText(node.reusedFrom, node.output);
    default:
      return error;
  }
}

/** `cancelling · 1 running, 2 succeeded, 7 pending`; where that is too wide, `cancelling · ▸ 1  ✓ 2  · 7`. */
function renderCounts(model: ProgressModel, width: number, style: Style): string {
  const head = model.cancelRequested ? "cancelling" : model.paused ? "paused" : "";
  const gap = head === "" ? "" : style.show(" · ");
  const room = width - widthOf(head + gap);
  const words = describeCounts(model);
  const counts = widthOf(words) <= room ? words : truncate(style.show(abbreviateCounts(model)), room, style.show("…"));
  return `${style.yellow(head)}${style.dim(`${gap}${counts}`)}`;
}

function abbreviateCounts({ counts }: ProgressModel): string {
  const statuses = Object.keys(INTEREST) as (keyof typeof INTEREST)[];
  const shown = statuses.filter((status) => counts[status] > 0);
  return shown.map((status) => `${symbolOf(status)} ${counts[status]}`).join("  ");
}
