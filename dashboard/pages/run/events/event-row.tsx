import type { ReactNode } from "react";
import type { RunEvent } from "../../../../src/engine/events.ts";
import { clockOf, eventWords } from "../../../model/event-words.ts";
import "../../../parts/status.css";

interface EventRowProps {
  readonly event: RunEvent;
  /** In pixels from the beginning of the list. */
  readonly top: number;
  /** It is the last one that is folded into what the page shows. */
  readonly isShown: boolean;
  /** It is of the node that is looked at. */
  readonly isSelected: boolean;
  readonly goTo: (count: number) => void;
  readonly onSelect: (nodeId: string) => void;
}

/** One event in a line: its number shows the run as it stood then. */
export function EventRow({ event, top, isShown, isSelected, goTo, onSelect }: EventRowProps): ReactNode {
  const { tone, node, text } = eventWords(event);
  return (
    <li
      className={`event-row${isShown ? " event-shown" : isSelected ? " event-selected" : ""}`}
      style={{ top }}
      aria-current={isShown ? "step" : undefined}
    >
      <button
        type="button"
        className="event-seq"
        onClick={() => goTo(event.seq)}
        aria-label={`Show the run at event ${event.seq}`}
      >
        {event.seq}
      </button>
      <span className="mono event-clock">{clockOf(event.at)}</span>
      <span className={`event-type status-${tone}`}>{event.type}</span>
      <span className="event-text" title={text}>
        {node === undefined ? null : (
          <button type="button" className="event-node" onClick={() => onSelect(node)}>
            {node}
          </button>
        )}
        {text}
      </span>
    </li>
  );
}
