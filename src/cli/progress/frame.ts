import { formatDuration } from "../../kernel/durations.ts";
import { describeCounts } from "../render/end.ts";
import { outputText, skipText } from "../render/event-line.ts";
import { paintOf, symbolOf } from "../render/status.ts";
import type { Style } from "../render/style.ts";
import { type Cell, type Column, renderTable } from "../render/table.ts";
import type { NodeProgress, ProgressModel } from "./model.ts";

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

const COLUMNS: readonly Column[] = [
  { title: "" },
  { title: "node", shrinkTo: 8 },
  { title: "status", shrinkTo: 6 },
  { title: "time", align: "right" },
  { title: "attempts", align: "right", shrinkTo: 3 },
  { title: "", shrinkTo: 1 },
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
  readonly columns: number;
  readonly rows: number;
  /** Monotonic, as the model's times. */
  readonly nowMs: number;
  /** Counts up; turns the spinner. */
  readonly turn: number;
  readonly style: Style;
}

/** The node table of a run that goes on: at most `rows` lines, none wider than `columns`. */
export function renderFrame(model: ProgressModel, options: FrameOptions): string {
  // A full last line would make the terminal scroll; two lines go to the table's head and the counts.
  const room = Math.max(1, options.rows - 3);
  const shown = pickRows(model, room);
  const table = renderTable(
    COLUMNS,
    shown.map((node) => rowOf(node, options)),
    { columns: Math.max(20, options.columns - 1), style: options.style },
  );
  return `${table}${renderCounts(model, shown.length, options.style)}\n`;
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
      return outputText(node.output).replace(/^: /, "");
    default:
      return error;
  }
}

/** `3 of 10 nodes: 1 running, 2 succeeded, 7 pending` */
function renderCounts(model: ProgressModel, shown: number, style: Style): string {
  const total = model.nodes.size;
  const head = shown < total ? `${shown} of ${total} nodes shown: ` : "";
  const cancelling = model.cancelRequested ? `${style.yellow("cancelling")} · ` : "";
  return `${cancelling}${style.dim(head + describeCounts(model))}`;
}
