import { type ReactNode, useState } from "react";
import { Tabs } from "../../../parts/tabs/tabs.tsx";
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
  return (
    <section className="card history-card" aria-label="History">
      <Tabs label="The run in time" id="history" tabs={TABS} selected={tab} onSelect={setTab} />
      <div role="tabpanel" id="history-body" aria-labelledby={`history-tab-${tab}`} className="history-body">
        {tab === "timeline" ? timeline : events}
      </div>
      {slider}
    </section>
  );
}
