import { escapeControls } from "../../kernel/text.ts";
import type { NodeView, RunView } from "../../ports/runtime.ts";
import type { FormatCommand } from "../format-command.ts";
import { skipText } from "./event-line.ts";
import { isInterrupted } from "./next-command.ts";

/** Why there is nothing to show of a run, or of one of its nodes; without newline. */
export function explainNoLogs(
  run: RunView,
  asked: { readonly node: NodeView | undefined; readonly attempt: number | "latest" | undefined },
  formatCommand: FormatCommand,
): string {
  const { node, attempt } = asked;
  if (node === undefined) {
    if (typeof attempt === "number")
      return `no node of run ${run.run_id} has written anything in an attempt ${attempt}`;
    const called = run.nodes.filter(({ request }) => request !== undefined);
    const why =
      called.length > 0 && called.every(isCall) ? `: ${elsewhere(run, formatCommand, "services keep their")}` : "";
    return `no node of run ${run.run_id} has written anything${why}`;
  }
  const id = escapeControls(node.id);
  const made = node.attempts.at(-1)?.attempt ?? 0;
  if (typeof attempt === "number" && !node.attempts.some((one) => one.attempt === attempt)) {
    return `${id} has made no attempt ${attempt}${made === 0 ? "" : `; its last one is ${made}`}`;
  }
  if (made > 0) {
    if (isCall(node))
      return `${id} has written nothing here: ${elsewhere(run, formatCommand, "its service keeps its")}`;
    return `${id} has written nothing${node.status === "running" ? " yet" : ""}`;
  }
  if (node.status === "skipped") return `${id} was skipped: ${skipText(node.reason, node.because)}`;
  if (node.status === "cancelled") return `${id} was cancelled before it started`;
  return isInterrupted(run) ? `${id} had not started when the run was interrupted` : `${id} has not started yet`;
}

/** A call of a service, not a container. */
function isCall({ request }: NodeView): boolean {
  return typeof request === "object" && request !== null && "service" in request;
}

function elsewhere(run: RunView, formatCommand: FormatCommand, whose: string): string {
  return `${whose} own log; what was answered is in \`${formatCommand(`show ${run.run_id}`)}\``;
}
