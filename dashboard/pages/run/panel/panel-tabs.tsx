import type { KeyboardEvent, ReactNode } from "react";

export const PANEL_TABS = ["overview", "attempts", "logs", "data"] as const;
export type PanelTab = (typeof PANEL_TABS)[number];

interface PanelTabsProps {
  readonly selected: PanelTab;
  readonly onSelect: (tab: PanelTab) => void;
}

/** The names of the panel's tabs; arrows move between them. */
export function PanelTabs({ selected, onSelect }: PanelTabsProps): ReactNode {
  function move(event: KeyboardEvent<HTMLElement>): void {
    const by = {
      ArrowRight: 1,
      ArrowLeft: -1,
      Home: -PANEL_TABS.indexOf(selected),
      End: -1 - PANEL_TABS.indexOf(selected),
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = PANEL_TABS.at((PANEL_TABS.indexOf(selected) + by) % PANEL_TABS.length) ?? selected;
    onSelect(next);
    event.currentTarget.querySelector<HTMLElement>(`#panel-tab-${next}`)?.focus();
  }
  return (
    <div role="tablist" aria-label="About the node" className="panel-tabs" onKeyDown={move}>
      {PANEL_TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`panel-tab-${tab}`}
          aria-selected={tab === selected}
          aria-controls="panel-body"
          tabIndex={tab === selected ? 0 : -1}
          onClick={() => onSelect(tab)}
        >
          {tab}
        </button>
      ))}
    </div>
  );
}
