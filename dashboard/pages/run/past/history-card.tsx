import { type KeyboardEvent, type ReactNode, useState } from "react";
import "./history-card.css";

interface HistoryCardProps {
  readonly timeline: ReactNode;
  /** Undefined where the events stand beside it. */
  readonly events: ReactNode | undefined;
  readonly slider: ReactNode;
}

const TABS = ["timeline", "events"] as const;

/** What happened when: as bars or as events, over the slider that goes back in it. */
export function HistoryCard({ timeline, events, slider }: HistoryCardProps): ReactNode {
  const [tab, setTab] = useState<(typeof TABS)[number]>("timeline");
  if (events === undefined) {
    return (
      <section className="card history-card" aria-label="Timeline">
        {timeline}
        {slider}
      </section>
    );
  }
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const next = tab === "timeline" ? "events" : "timeline";
    setTab(next);
    event.currentTarget.querySelector<HTMLElement>(`#history-tab-${next}`)?.focus();
  };
  return (
    <section className="card history-card" aria-label="History">
      <div role="tablist" aria-label="The run in time" className="history-tabs" onKeyDown={move}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`history-tab-${name}`}
            aria-selected={name === tab}
            aria-controls="history-body"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="history-body" aria-labelledby={`history-tab-${tab}`} className="history-body">
        {tab === "timeline" ? timeline : events}
      </div>
      {slider}
    </section>
  );
}
