import type { ReactNode } from "react";
import type { RunEvent } from "../../../../src/engine/events.ts";
import type { RunView } from "../../../api/shapes.ts";
import { clockOf, eventWords } from "../../../model/event-words.ts";
import type { RunHistory } from "../../../model/run-history.ts";
import { StatusIcon } from "../../../parts/status.tsx";
import type { Past } from "./use-past.ts";
import "./past-line.css";

interface PastLineProps {
  readonly run: RunView;
  readonly history: RunHistory;
  readonly past: Past;
}

/** Says that what is shown is not how the run stands now. */
export function PastLine({ run, history, past }: PastLineProps): ReactNode {
  const event = history.events[past.count - 1];
  if (event === undefined) return null;
  const { node, text } = eventWords(event);
  return (
    <div className="run-line past-line">
      <StatusIcon status="waiting" size={18} />
      <p>
        <b>Looking at the past:</b> event {past.count} of {past.total}, {clockOf(event.at)} UTC:{" "}
        {node === undefined ? null : <b>{node} </b>}
        {typeWords(event.type)}
        {text === "" ? "" : ` (${text})`}.{" "}
        {definitionAt(history.events, past.count) === run.definition_hash
          ? null
          : "The run was resumed with a changed workflow later, and these are its nodes. "}
        <button type="button" className="button small" onClick={past.goToNow}>
          Back to now
        </button>
      </p>
    </div>
  );
}

/** The hash of the definition that the run had then. */
function definitionAt(events: readonly RunEvent[], count: number): string | undefined {
  const told = events.slice(0, count).findLast(({ type }) => type === "run.created" || type === "run.resumed");
  return told !== undefined && "definition_hash" in told ? told.definition_hash : undefined;
}

/** `attempt failed` of `node.attempt_failed`. */
function typeWords(type: string): string {
  const [of, what = ""] = type.split(".");
  const words = what.replaceAll("_", " ");
  return of === "run" ? `run ${words}` : words;
}
