import type { ReactNode } from "react";
import { clockOf, eventWords } from "../../../model/event-words.ts";
import type { RunHistory } from "../../../model/run-history.ts";
import { StatusIcon } from "../../../parts/status.tsx";
import type { Past } from "./use-past.ts";
import "./past-line.css";

/** Says that what is shown is not how the run stands now. */
export function PastLine({ history, past }: { readonly history: RunHistory; readonly past: Past }): ReactNode {
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
        <button type="button" className="button small" onClick={past.goToNow}>
          Back to now
        </button>
      </p>
    </div>
  );
}

/** `attempt failed` of `node.attempt_failed`. */
function typeWords(type: string): string {
  const [of, what = ""] = type.split(".");
  const words = what.replaceAll("_", " ");
  return of === "run" ? `run ${words}` : words;
}
