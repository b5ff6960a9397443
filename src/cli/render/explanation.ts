import { escapeControls } from "../../kernel/text.ts";
import type { RunView } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { type ErrorSubject, renderError, renderFinding } from "./error.ts";
import type { Style } from "./style.ts";
import { type Column, renderTable } from "./table.ts";
import { whyAgain, whyNode, whyRun } from "./why.ts";

const COLUMNS: readonly Column[] = [{ title: "node", shrinkTo: 8 }, { title: "status" }, { title: "why", shrinkTo: 0 }];

/** Attempts told of; `busbar show` has them all. */
const MAX_AGAIN = 20;

export interface ExplanationOptions {
  readonly columns: number;
  readonly style: Style;
  readonly formatCommand: FormatCommand;
}

/** Why a run stands where it stands, for people: the run, its unsettled nodes, what began a failure, calls made again. */
export function renderExplanation(run: RunView, options: ExplanationOptions): string {
  const { style, formatCommand } = options;
  const { nodes, limits, called_again } = run.explanation;
  const why = whyRun(run, formatCommand);
  const parts = [`run ${style.bold(run.run_id)} ${headOf(run, why)}\n`];
  if (nodes.length > 0) {
    const statuses = new Map(run.nodes.map((node) => [node.id, node.status]));
    const rows = nodes.map(({ id, reason }) => [id, statuses.get(id) ?? "", whyNode(reason, limits)]);
    parts.push("\n", renderTable(COLUMNS, rows, options));
  }
  const cause = renderCause(run, options);
  if (cause !== "") parts.push("\n", cause);
  if (called_again.length > 0) {
    const more = called_again.length - MAX_AGAIN;
    const lines = called_again.slice(0, MAX_AGAIN).map((again) => `  ${whyAgain(again)}\n`);
    parts.push("\ncalled again\n", ...lines, ...(more > 0 ? [`  and ${more} more\n`] : []));
  }
  const { next } = run.explanation;
  if (next !== undefined) parts.push(`\nNext: ${style.bold(formatCommand(next))}\n`);
  return parts.join("");
}

function headOf({ status }: RunView, why: string | undefined): string {
  if (why === undefined) return `has ${status}`;
  // Who cancelled it is all there is to say.
  if (status === "cancelled") return `was ${why}`;
  return `${status === "failed" ? "has" : "is"} ${status}: ${why}`;
}

function renderCause(
  { run_id, explanation: { cause } }: RunView,
  { style, formatCommand }: ExplanationOptions,
): string {
  const subject: ErrorSubject = { runId: run_id, formatCommand };
  switch (cause?.kind) {
    case "node": {
      const { node_id, error } = cause;
      return `${style.bold(escapeControls(node_id))} failed: ${renderError(error, style, { ...subject, nodeId: node_id })}`;
    }
    case "preflight":
      return cause.findings.map((finding) => renderFinding(finding, style, subject)).join("");
    case "error":
      return renderError(cause.error, style, subject);
    case "cancel":
    case undefined:
      return "";
  }
}
