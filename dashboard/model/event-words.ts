// Events in the words of a line.
import type { RunEvent } from "../../src/engine/events.ts";
import { formatDuration } from "../../src/kernel/durations.ts";

/** What kind of news an event is: that of a status, where it has one. */
export type EventTone = "failed" | "succeeded" | "skipped" | "cancelled" | "waiting" | "plain";

export interface EventWords {
  readonly tone: EventTone;
  /** The node that it is of. */
  readonly node?: string;
  /** What else there is to say; empty where its type says all. */
  readonly text: string;
}

/** `attempt 2, failed after 41 ms: SERVICE_UNREACHABLE; tries again in 1.0 s` */
export function eventWords(event: RunEvent): EventWords {
  switch (event.type) {
    case "run.created":
      return words("plain", event.source === undefined ? "" : `from run ${event.source}`);
    case "run.checked": {
      const errors = event.findings.filter(({ severity }) => severity === "error");
      const codes = [...new Set(event.findings.map(({ code }) => code))].join(", ");
      return words(errors.length === 0 ? "waiting" : "failed", codes);
    }
    case "run.resumed":
      return words("plain", `was ${event.from}, by ${event.by}${resetWords(event.reset)}`);
    case "run.cancel_requested":
      return words("cancelled", `by ${event.by}${event.reason === undefined ? "" : `: ${event.reason}`}`);
    case "run.paused":
      return words("waiting", `by ${event.by}`);
    case "run.unpaused":
      return words("plain", `by ${event.by}`);
    case "run.succeeded":
      return words("succeeded", `in ${formatDuration(event.duration_ms)}`);
    case "run.failed":
      return words("failed", `after ${formatDuration(event.duration_ms)}${codeWords(event.error)}`);
    case "run.cancelled":
      return words("cancelled", `after ${formatDuration(event.duration_ms)}`);
    case "node.started":
      return words("plain", `attempt ${event.attempt}`, event.node_id);
    case "node.attempt_failed": {
      const how = event.outcome === "failed" ? "" : `${event.outcome.replace("_", " ")} `;
      const again = event.retry_delay_ms === undefined ? "" : `; again in ${formatDuration(event.retry_delay_ms)}`;
      const after = event.outcome === "lost" ? "" : `after ${formatDuration(event.duration_ms)}`;
      const text = `attempt ${event.attempt}, ${how}${after}`.trimEnd();
      const tone = event.outcome === "cancelled" ? "cancelled" : "failed";
      return words(tone, `${text}${codeWords(event.error)}${again}`, event.node_id);
    }
    case "node.succeeded":
      return event.reused_from === undefined
        ? words("succeeded", `attempt ${event.attempt}, in ${formatDuration(event.duration_ms)}`, event.node_id)
        : words("succeeded", `kept from run ${event.reused_from}`, event.node_id);
    case "node.failed":
      return words("failed", event.error.code, event.node_id);
    case "node.skipped":
      return words(
        "skipped",
        event.because === undefined ? event.reason.replace("_", " ") : `because of ${event.because}`,
        event.node_id,
      );
    case "node.cancelled":
      return words("cancelled", "", event.node_id);
    default:
      // `run.started`, and what a later version records.
      return words("plain", "", nodeOf(event));
  }
}

/** The node that an event is of, if it is of one. */
export function nodeOf(event: RunEvent): string | undefined {
  return "node_id" in event ? event.node_id : undefined;
}

/** Whether something went wrong. */
export function isFailure(event: RunEvent): boolean {
  if (event.type === "node.attempt_failed") return event.outcome !== "cancelled";
  return event.type === "node.failed" || event.type === "run.failed";
}

/** `16:23:32.140` of an RFC 3339 time; the time zone is UTC everywhere. */
export function clockOf(at: string): string {
  return at.slice(11, 23);
}

function words(tone: EventTone, text: string, node?: string): EventWords {
  return { tone, text, ...(node === undefined ? {} : { node }) };
}

function codeWords(error: { readonly code: string } | undefined): string {
  return error === undefined ? "" : `: ${error.code}`;
}

function resetWords(reset: readonly string[]): string {
  if (reset.length === 0) return "";
  const more = reset.length - 3;
  return `; again: ${reset.slice(0, 3).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
