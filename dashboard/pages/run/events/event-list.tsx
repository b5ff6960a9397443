import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RunHistory } from "../../../model/run-history.ts";
import { useWindowed } from "../../../parts/windowed/use-windowed.ts";
import type { Past } from "../past/use-past.ts";
import { EventRow } from "./event-row.tsx";
import "./event-list.css";

/** In pixels, as event-list.css has it. */
const ROW_HEIGHT = 26;

interface EventListProps {
  readonly history: RunHistory;
  readonly past: Past;
  readonly selected: string | undefined;
  readonly onSelect: (nodeId: string) => void;
}

/** What was recorded until the instant that is shown, newest last. Only rows in sight are drawn. */
export function EventList({ history, past, selected, onSelect }: EventListProps): ReactNode {
  const { count } = past;
  const [follows, setFollows] = useState(true);
  const { ref, from, until, scrollTo } = useWindowed<HTMLDivElement>(count, ROW_HEIGHT);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (follows) scrollTo(count - 1);
  }, [follows, count, scrollTo]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    // Who scrolls up wants to read there, and who scrolls to the end wants to see what comes.
    const look = (): void => setFollows(element.scrollTop + element.clientHeight >= element.scrollHeight - ROW_HEIGHT);
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, []);
  return (
    <div className="event-list">
      <div className="row event-list-head">
        <h2>Events</h2>
        <span className="quiet">{count.toLocaleString("en")} recorded, newest last</span>
        <span className="grow" />
        <label className="quiet">
          <input type="checkbox" checked={follows} onChange={({ target }) => setFollows(target.checked)} /> follow
        </label>
      </div>
      <div
        className="event-list-rows"
        ref={(element) => {
          box.current = element;
          ref(element);
        }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be scrolled by keys, too
        tabIndex={0}
      >
        <ol style={{ height: count * ROW_HEIGHT }}>
          {history.events.slice(from, until).map((event, index) => (
            <EventRow
              key={event.seq}
              event={event}
              top={(from + index) * ROW_HEIGHT}
              isShown={past.isPast && event.seq === count}
              isSelected={selected !== undefined && "node_id" in event && event.node_id === selected}
              goTo={past.goTo}
              onSelect={onSelect}
            />
          ))}
        </ol>
      </div>
    </div>
  );
}
