import type { EventBody, RunEvent } from "../../engine/events.ts";
import type { AttemptOutcome } from "../../engine/status.ts";
import { formatDuration } from "../../kernel/durations.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/json.ts";
import { asClause, joinClauses } from "../../kernel/sentences.ts";
import { escapeControls } from "../../kernel/text.ts";
import { findingsOf } from "./error.ts";
import type { Style } from "./style.ts";
import { createToldFailures, type ToldFailures } from "./told-failures.ts";

/** Characters of a message in one line. */
const MAX_MESSAGE = 400;

/** Renders events as lines for people, one after the other. */
export interface EventLines {
  /** Without newline: `15:04:05.123Z  energy-analyzer  succeeded in 41 ms`. */
  render(event: RunEvent): string;
  /** Whether the last lines have told this failure of a node, all of its message. */
  hasTold(nodeId: string, error: ErrorInfo): boolean;
}

/** @param ofAllRuns lines name the run of a node: `RUN/energy-analyzer` */
export function createEventLines(
  style: Style,
  { ofAllRuns = false }: { readonly ofAllRuns?: boolean } = {},
): EventLines {
  const told = createToldFailures();
  return {
    render(event) {
      told.nextLine();
      const node = "node_id" in event ? event.node_id : undefined;
      const who = node === undefined ? `run ${event.run_id}` : ofAllRuns ? `${event.run_id}/${node}` : node;
      const { text, paint } = describeEvent(event, style, told);
      if ((event.type === "node.attempt_failed" || event.type === "node.failed") && isShownWhole(event.error.message)) {
        told.add(event.node_id, event.error);
      }
      return `${style.dim(event.at.slice(11))}  ${style.bold(escapeControls(who))}  ${paint(escapeControls(text))}`;
    },
    hasTold: told.has,
  };
}

function describeEvent(
  event: EventBody,
  style: Style,
  told: ToldFailures,
): { readonly text: string; readonly paint: (text: string) => string } {
  const type: string = event.type;
  const as = (text: string, paint: (text: string) => string = (plain) => plain) => ({ text, paint });
  switch (event.type) {
    case "run.created":
      return as(event.source === undefined ? "created" : `created from run ${event.source}`);
    case "run.checked":
      return as(`preflight: ${joinClauses(event.findings.map(({ message }) => message))}`, style.yellow);
    case "run.started":
      return as("started");
    case "run.resumed":
      return as(`resumed (it was ${event.from}) by ${event.by}${resetText(event.reset)}`);
    case "run.cancel_requested":
      return as(
        `cancel requested by ${event.by}${event.reason === undefined ? "" : `: ${event.reason}`}`,
        style.yellow,
      );
    case "run.paused":
      return as(`paused by ${event.by}`, style.yellow);
    case "run.unpaused":
      return as(`unpaused by ${event.by}`);
    case "run.succeeded":
      return as(`succeeded in ${formatDuration(event.duration_ms)}`, style.green);
    case "run.failed":
      return as(`failed after ${formatDuration(event.duration_ms)}${runErrorText(event.error, told)}`, style.red);
    case "run.cancelled":
      return as(`cancelled after ${formatDuration(event.duration_ms)}`, style.yellow);
    case "node.started":
      return as(event.attempt === 1 ? "started" : `started (attempt ${event.attempt})`, style.cyan);
    case "node.attempt_failed":
      return as(
        `attempt ${event.attempt} ${event.outcome.replace("_", " ")}${afterText(event.outcome, event.duration_ms)}` +
          attemptErrorText(event, told),
        style.yellow,
      );
    case "node.succeeded":
      if (event.reused_from !== undefined) return as(succeededText(event.reused_from, event.output), style.dim);
      return as(`succeeded in ${formatDuration(event.duration_ms)}${outputText(event.output)}`, style.green);
    case "node.failed":
      return as(`failed${nodeErrorText(event.node_id, event.error, told)}`, style.red);
    case "node.skipped":
      return as(`skipped: ${skipText(event.reason, event.because)}`, style.dim);
    case "node.cancelled":
      return as("cancelled", style.yellow);
    default:
      // An event without words of its own: a new one, or one that a newer version has recorded.
      return as(type);
  }
}

function errorText({ code, message }: ErrorInfo): string {
  return `: ${code} ${clip(message)}`;
}

function nodeErrorText(nodeId: string, error: ErrorInfo, told: ToldFailures): string {
  return told.has(nodeId, error) ? `: ${error.code}` : errorText(error);
}

function attemptErrorText(event: Extract<EventBody, { type: "node.attempt_failed" }>, told: ToldFailures): string {
  const error = nodeErrorText(event.node_id, event.error, told);
  const retry = retryText(event.retry_delay_ms, event.retry_at);
  return retry === "" ? error : `${asClause(error)}${retry}`;
}

/** Findings of a preflight are told beside it. */
function runErrorText(error: ErrorInfo | undefined, told: ToldFailures): string {
  if (error === undefined) return "";
  if (findingsOf(error).some(({ message }) => message === error.message)) return `: ${error.code}`;
  return errorText({ ...error, message: told.shorten(error.message) });
}

/** A message may be 4 KiB long, and several lines of a failed run repeat it; `show` and `--json` print all of it. */
function clip(message: string): string {
  if (isShownWhole(message)) return message;
  return `${message.slice(0, MAX_MESSAGE).toWellFormed()}…`;
}

function isShownWhole(message: string): boolean {
  return message.length <= MAX_MESSAGE;
}

/** ` after 41 ms`; empty for a lost attempt, of which nobody knows how long it took. */
export function afterText(outcome: AttemptOutcome | undefined, ms: number | undefined): string {
  return ms === undefined || outcome === "lost" ? "" : ` after ${formatDuration(ms)}`;
}

function retryText(delayMs: number | undefined, at: string | undefined): string {
  if (at === undefined) return "";
  return delayMs === undefined ? `; tries again at ${at.slice(11)}` : `; tries again in ${formatDuration(delayMs)}`;
}

function resetText(reset: readonly string[]): string {
  if (reset.length === 0) return "";
  const shown = reset.slice(0, 5).join(", ");
  return `; starts again: ${shown}${reset.length > 5 ? ` and ${reset.length - 5} more` : ""}`;
}

/** What the service said, where an output has such a message. */
function outputText(output: Json | undefined): string {
  if (typeof output !== "object" || output === null || !("message" in output)) return "";
  return typeof output.message === "string" && output.message !== "" ? `: ${clip(output.message)}` : "";
}

/** What a node that succeeded has to say, and whose it is where another run made it. */
export function succeededText(reusedFrom: string | undefined, output: Json | undefined): string {
  const text = outputText(output);
  return reusedFrom === undefined ? text.replace(/^: /, "") : `kept from run ${reusedFrom}${text}`;
}

/** Why a node was skipped, for people. */
export function skipText(reason: string | undefined, because: string | undefined): string {
  if (reason === "upstream")
    return because === undefined ? "a node before it did not succeed" : `${because} did not succeed`;
  if (reason === "run_stopped") return "the run stopped";
  return reason === "condition" ? "its condition does not hold" : (reason ?? "no reason is recorded");
}
