import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import type { RunEvent } from "../../../../src/engine/events.ts";
import { clockOf, eventWords } from "../../../model/event-words.ts";
import type { RunHistory } from "../../../model/run-history.ts";
import type { Past } from "../past/use-past.ts";
import "./event-list.css";

const ROW = 26;
/** Rows that are there beyond both edges, so that none is missing while one scrolls. */
const BEYOND = 8;

interface EventListProps {
  readonly history: RunHistory;
  readonly past: Past;
  readonly selected: string | undefined;
  readonly onSelect: (node: string) => void;
}

/** What was recorded, newest last. Only the rows in sight are there: a run may have 20,000 events. */
export function EventList({ history, past, selected, onSelect }: EventListProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const [sight, setSight] = useState({ top: 0, height: 0 });
  const total = past.count;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => setSight({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list that has grown is followed to its end
  useLayoutEffect(() => {
    const element = box.current;
    if (follows && element !== null) element.scrollTop = element.scrollHeight;
  }, [follows, total, sight.height]);
  const first = Math.max(0, Math.floor(sight.top / ROW) - BEYOND);
  const rows = history.events.slice(first, Math.min(total, Math.ceil((sight.top + sight.height) / ROW) + BEYOND));
  return (
    <section className="card event-list" aria-label="Events">
      <div className="row event-list-head">
        <h2>Events</h2>
        <span className="quiet">{total} recorded, newest last</span>
        <span className="grow" />
        <label className="quiet">
          <input type="checkbox" checked={follows} onChange={({ target }) => setFollows(target.checked)} /> follow
        </label>
      </div>
      <div
        className="event-list-rows"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be scrolled by keys, too
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          setSight({ top: scrollTop, height: clientHeight });
          setFollows(scrollTop + clientHeight >= scrollHeight - ROW);
        }}
      >
        <ol style={{ height: total * ROW }}>
          {rows.map((event, index) => (
            <EventRow
              key={event.seq}
              event={event}
              top={(first + index) * ROW}
              isShown={past.isPast && event.seq === past.count}
              isSelected={selected !== undefined && "node_id" in event && event.node_id === selected}
              goTo={past.goTo}
              onSelect={onSelect}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

interface EventRowProps {
  readonly event: RunEvent;
  readonly top: number;
  readonly isShown: boolean;
  readonly isSelected: boolean;
  readonly goTo: (count: number) => void;
  readonly onSelect: (node: string) => void;
}

function EventRow({ event, top, isShown, isSelected, goTo, onSelect }: EventRowProps): ReactNode {
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
      <span className="mono">{clockOf(event.at)}</span>
      <span className={`event-type event-${tone}`}>{event.type}</span>
      <span className="event-text">
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
