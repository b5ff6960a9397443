import { formatDuration } from "../../kernel/durations.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { AttemptView, NodeView, RunView } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { describeCluster, describeOwner } from "./describe-owner.ts";
import { describeTime } from "./describe-time.ts";
import { type ErrorSubject, findingsOf, renderError, renderFinding } from "./error.ts";
import { afterText, skipText, succeededText } from "./event-line.ts";
import { describeStatus, isInterrupted } from "./next-command.ts";
import { paintOf, symbolOf } from "./status.ts";
import type { Style } from "./style.ts";
import { type Column, renderTable } from "./table.ts";
import { whyNode, whyRun } from "./why.ts";

const COLUMNS: readonly Column[] = [
  { title: "" },
  { title: "node", shrinkTo: 8 },
  { title: "status" },
  { title: "attempts", align: "right" },
  { title: "took", align: "right" },
  { title: "", shrinkTo: 0 },
];

export interface RunViewOptions {
  readonly columns: number;
  readonly style: Style;
  readonly formatCommand: FormatCommand;
}

/** One run for people: how it stands, its nodes, every attempt that failed, and what to type next. */
export function renderRunView(run: RunView, options: RunViewOptions): string {
  const { style, formatCommand } = options;
  const subject = { runId: run.run_id, formatCommand };
  const { nodes, limits } = run.explanation;
  const reasons = new Map(nodes.map(({ id, reason }) => [id, whyNode(reason, limits)]));
  const parts = [
    renderHead(run, options),
    "\n",
    renderTable(
      COLUMNS,
      run.nodes.map((node) => rowOf(node, reasons.get(node.id), style)),
      options,
    ),
  ];
  const failures = run.nodes.map((node) => renderFailures(node, style, subject)).filter((text) => text !== "");
  const findings = findingsOf(run.error);
  if (findings.length > 0) parts.push("\n", ...findings.map((finding) => renderFinding(finding, style, subject)));
  else if (run.error !== undefined && run.error.code !== "RUN_NODE_FAILED") {
    parts.push("\n", renderError(run.error, style, subject));
  }
  if (failures.length > 0) parts.push("\n", ...failures);
  const { next } = run.explanation;
  if (next !== undefined) parts.push(`\nNext: ${style.bold(formatCommand(next))}\n`);
  return parts.join("");
}

/** `duration_ms` counts from the last resume. That is said where `created` and `ended` are further apart. */
function sinceWhen({ created_at, ended_at = created_at, duration_ms = 0 }: RunView): string {
  const betweenMs = Date.parse(ended_at) - Date.parse(created_at);
  return betweenMs > duration_ms + 1000 ? " since it was resumed" : "";
}

function renderHead(run: RunView, { style, formatCommand }: RunViewOptions): string {
  const paint = isInterrupted(run) || run.paused ? style.yellow : paintOf(run.status, style);
  const facts: (readonly [name: string, value: string])[] = [
    ["run", style.bold(run.run_id)],
    ["workflow", escapeControls(run.workflow)],
    ["status", paint(describeStatus(run)) + (run.cancel_requested && run.status === "running" ? ", cancelling" : "")],
    ["created", describeTime(run.created_at)],
  ];
  if (run.ended_at !== undefined) {
    const took = run.duration_ms === undefined ? "" : `, after ${formatDuration(run.duration_ms)}${sinceWhen(run)}`;
    facts.push(["ended", `${describeTime(run.ended_at)}${took}`]);
  }
  if (run.source !== undefined) facts.push(["source", run.source]);
  if (run.file !== undefined) facts.push(["file", escapeControls(run.file)]);
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${value}`);
  if (params.length > 0) facts.push(["params", escapeControls(params.join(" "))]);
  if (run.owner !== undefined) {
    const { cluster, alive, started_at } = run.owner;
    const who = alive && cluster !== undefined ? describeCluster(cluster) : describeOwner(run.owner);
    facts.push(["owner", `${who}, ${alive ? `since ${describeTime(started_at)}` : "which is gone"}`]);
  }
  const why = whyRun(run, formatCommand);
  if (why !== undefined) facts.push(["why", why]);
  return facts.map(([name, value]) => `${style.dim(name.padEnd(9))} ${value}\n`).join("");
}

function rowOf(node: NodeView, why: string | undefined, style: Style) {
  const paint = paintOf(node.status, style);
  const took = node.attempts.at(-1)?.duration_ms;
  return [
    { text: symbolOf(node.status), paint },
    node.id,
    { text: node.status, paint },
    node.attempts.length === 0 ? "" : String(node.attempts.length),
    took === undefined ? "" : formatDuration(took),
    { text: why ?? remarkOf(node), paint: style.dim },
  ];
}

/** Of a node that has settled. */
function remarkOf(node: NodeView): string {
  if (node.status === "succeeded") return succeededText(node.reused_from, node.output);
  if (node.status === "skipped") return skipText(node.reason, node.because);
  return node.error === undefined ? "" : node.error.code;
}

/** Attempts that failed, also of a node that succeeded in the end: flaky services show here. */
function renderFailures(node: NodeView, style: Style, run: ErrorSubject): string {
  const subject = { ...run, nodeId: node.id };
  const failed = node.attempts.filter((attempt) => attempt.error !== undefined);
  const last = failed.at(-1)?.error;
  const lines = failed.map((attempt) => {
    const text = attempt === failed.at(-1) || attempt.error === undefined ? "" : `: ${attempt.error.code}`;
    return `  ${describeAttempt(attempt)}${text}\n`;
  });
  if (node.status === "failed" && node.error !== undefined) {
    return `${style.bold(escapeControls(node.id))}\n${lines.join("")}  ${renderError(node.error, style, subject)}`;
  }
  return last === undefined
    ? ""
    : `${style.bold(escapeControls(node.id))}\n${lines.join("")}  ${renderError(last, style, subject)}`;
}

function describeAttempt(attempt: AttemptView): string {
  const outcome = (attempt.outcome ?? "outstanding").replace("_", " ");
  return `attempt ${attempt.attempt} ${outcome}${afterText(attempt.outcome, attempt.duration_ms)}, started ${describeTime(attempt.started_at)}`;
}
