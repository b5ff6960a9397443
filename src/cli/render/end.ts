import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import { escapeControls } from "../../kernel/text.ts";
import type { TerminalEvent } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import type { NodeProgress, ProgressModel } from "../progress/model.ts";
import { type ErrorSubject, findingsOf, renderError, renderFinding } from "./error.ts";
import { paintOf, symbolOf } from "./status.ts";
import type { Style } from "./style.ts";

/** Errors shown at the end of a run; `busbar show` has them all. */
const MAX_FAILURES = 10;

export interface EndOptions {
  readonly style: Style;
  readonly formatCommand: FormatCommand;
  /** Whether to say the command to type next. */
  readonly next: boolean;
  /** Whether the failure of a node stands right above: then its code says which one is meant. */
  readonly isTold: (nodeId: string, error: ErrorInfo) => boolean;
}

/**
 * How a run ended: what failed and what to do about it, and the command to type next.
 */
export function renderEnd(model: ProgressModel, end: TerminalEvent, options: EndOptions): string {
  const { style, formatCommand } = options;
  const status = end.type === "run.succeeded" ? "succeeded" : end.type === "run.failed" ? "failed" : "cancelled";
  const verb = status === "succeeded" ? "in" : "after";
  const head = `${symbolOf(status)} run ${end.run_id} ${status} ${verb} ${formatDuration(end.duration_ms)}`;
  const parts = [`${paintOf(status, style)(head)}${style.dim(` (${describeCounts(model)})`)}\n`];
  if (status === "failed") parts.push(renderCauses(model, end, options));
  if (!options.next) return parts.join("");
  const next = formatCommand(`${status === "succeeded" ? "show" : "resume"} ${end.run_id}`);
  const look = status === "succeeded" ? "" : `, or look at it with ${formatCommand(`show ${end.run_id}`)}`;
  parts.push(`Next: ${style.bold(next)}${look}\n`);
  return parts.join("");
}

function renderCauses(model: ProgressModel, end: TerminalEvent, options: EndOptions): string {
  const { style, formatCommand } = options;
  const subject = { runId: end.run_id, formatCommand };
  const error = end.type === "run.succeeded" ? undefined : end.error;
  const findings = findingsOf(error);
  if (findings.length > 0) return findings.map((finding) => renderFinding(finding, style, subject)).join("");
  const failed = [...model.nodes.values()].filter((node) => node.status === "failed");
  const lines = failed.slice(0, MAX_FAILURES).map((node) => renderFailure(node, options, subject));
  if (failed.length > MAX_FAILURES) lines.push(`and ${failed.length - MAX_FAILURES} more failed nodes\n`);
  // A run can fail without a node that failed: preflight, a total timeout.
  if (error !== undefined && (failed.length === 0 || error.code !== "RUN_NODE_FAILED")) {
    lines.push(renderError(error, style, subject));
  }
  return lines.join("");
}

function renderFailure(node: NodeProgress, { style, isTold }: EndOptions, run: ErrorSubject): string {
  const attempts = node.attempts > 1 ? ` after ${node.attempts} attempts` : "";
  const who = `${style.bold(escapeControls(node.id))} failed${attempts}: `;
  if (node.error === undefined) return `${who}no error is recorded\n`;
  const error = isTold(node.id, node.error) ? { ...node.error, message: "" } : node.error;
  return `${who}${renderError(error, style, { ...run, nodeId: node.id })}`;
}

/** `3 succeeded, 1 failed` */
export function describeCounts(model: Pick<ProgressModel, "counts">): string {
  return (
    Object.entries(model.counts)
      .filter(([, count]) => count > 0)
      .map(([status, count]) => `${count} ${status}`)
      .join(", ") || "no nodes"
  );
}
