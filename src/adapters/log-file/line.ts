import type { RunEvent } from "../../engine/events.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import { joinClauses } from "../../kernel/sentences.ts";
import { cleanText } from "../../kernel/text.ts";
import { traceIdOf } from "../../kernel/trace.ts";

/** One line of the log, in this order of fields; absent ones are left out (contracts.md §5). */
export interface LogLine {
  /** UTC, RFC 3339, milliseconds. */
  readonly timestamp: string;
  readonly level: "INFO" | "WARNING" | "ERROR";
  readonly message: string;
  readonly service: "orchestrator";
  /** NODE_NAME or the host name. */
  readonly node: string;
  /** The workflow's node; the original calls it a container. */
  readonly container_id?: string;
  readonly status?: "start" | "success" | "failure";
  readonly duration_ms?: number;
  /** Exit code of a container. */
  readonly returncode?: number;
  /** The same for every line of a run, and what its services see in `traceparent`. */
  readonly trace_id?: string;
}

export interface LineOptions {
  readonly node: string;
  /** Hides secrets. */
  readonly mask: (text: string) => string;
}

/** An event as a log line, as JSON with a newline. */
export function formatLogLine(event: RunEvent, options: LineOptions): string {
  const { level, message, status, duration_ms } = describeEvent(event);
  const returncode = exitCodeOf(event);
  const line: LogLine = {
    timestamp: event.at,
    level,
    message: hideAndClean(message, options),
    service: "orchestrator",
    node: options.node,
    ...("node_id" in event ? { container_id: event.node_id } : {}),
    ...(status === undefined ? {} : { status }),
    ...(duration_ms === undefined ? {} : { duration_ms }),
    ...(returncode === undefined ? {} : { returncode }),
    trace_id: traceIdOf(event.run_id),
  };
  return `${JSON.stringify(line)}\n`;
}

/** What happened to the process rather than to a run. */
export type Note = Pick<LogLine, "timestamp" | "level" | "message">;

/** A note as a log line, as JSON with a newline. */
export function formatNote({ timestamp, level, message }: Note, options: LineOptions): string {
  const text = hideAndClean(message, options);
  const line: LogLine = { timestamp, level, message: text, service: "orchestrator", node: options.node };
  return `${JSON.stringify(line)}\n`;
}

/** Masked before it is cut, so that no half of a secret is left at the end, and after, where escaping made one. */
function hideAndClean(message: string, { mask }: Pick<LineOptions, "mask">): string {
  return mask(cleanText(mask(message)));
}

function describeEvent(event: RunEvent): Pick<LogLine, "level" | "message" | "status" | "duration_ms"> {
  const type: string = event.type;
  const run = `run ${event.run_id}`;
  switch (event.type) {
    case "run.created":
      return {
        level: "INFO",
        message: `${run} created${event.source === undefined ? "" : ` from run ${event.source}`}`,
      };
    case "run.checked":
      return { level: "WARNING", message: `preflight: ${joinClauses(event.findings.map(({ message }) => message))}` };
    case "run.started":
      return { level: "INFO", message: `${run} started`, status: "start" };
    case "run.resumed":
      return { level: "INFO", message: `${run} resumed by ${event.by}; it was ${event.from}`, status: "start" };
    case "run.cancel_requested":
      return { level: "WARNING", message: `${run}: cancel requested by ${event.by}` };
    case "run.paused":
      return { level: "INFO", message: `${run} paused by ${event.by}` };
    case "run.unpaused":
      return { level: "INFO", message: `${run} unpaused by ${event.by}` };
    case "run.succeeded":
      return { level: "INFO", message: `${run} finished`, status: "success", duration_ms: event.duration_ms };
    case "run.failed":
      return {
        level: "ERROR",
        message: `${run} failed${because(event.error)}`,
        status: "failure",
        duration_ms: event.duration_ms,
      };
    case "run.cancelled":
      return { level: "WARNING", message: `${run} cancelled`, status: "failure", duration_ms: event.duration_ms };
    case "node.started":
      return { level: "INFO", message: "node started", status: "start" };
    case "node.attempt_failed":
      return {
        level: "WARNING",
        message: `attempt ${event.attempt} ${event.outcome}${because(event.error)}`,
        status: "failure",
        duration_ms: event.duration_ms,
      };
    case "node.succeeded":
      if (event.reused_from !== undefined) return { level: "INFO", message: `node kept from run ${event.reused_from}` };
      return { level: "INFO", message: "node finished", status: "success", duration_ms: event.duration_ms };
    case "node.failed":
      return { level: "ERROR", message: `node failed${because(event.error)}`, status: "failure" };
    case "node.skipped":
      return { level: "WARNING", message: `node skipped: ${event.because ?? event.reason}` };
    case "node.cancelled":
      return { level: "WARNING", message: "node cancelled", status: "failure" };
    default:
      // An event without words of its own: a new one, or one that a newer version has recorded.
      return { level: "INFO", message: type };
  }
}

/** What a container ended with: executors of containers put it into their outcomes. */
function exitCodeOf(event: RunEvent): number | undefined {
  const holder =
    event.type === "node.succeeded"
      ? event.output
      : event.type === "node.attempt_failed"
        ? event.error.details
        : undefined;
  if (typeof holder !== "object" || holder === null || Array.isArray(holder)) return undefined;
  const { exit_code } = holder as { readonly exit_code?: unknown };
  return typeof exit_code === "number" ? exit_code : undefined;
}

function because(error: ErrorInfo | undefined): string {
  return error === undefined ? "" : `: ${error.code} ${error.message}`;
}
