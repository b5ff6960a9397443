import type { KeyboardEvent, ReactNode } from "react";
import "./tabs.css";

interface TabsProps<Tab extends string> {
  /** Of all of them, for screen readers. */
  readonly label: string;
  /** The element `ID-body` is what they show, labelled by `ID-tab-TAB`. */
  readonly id: string;
  readonly tabs: readonly Tab[];
  readonly selected: Tab;
  readonly onSelect: (tab: Tab) => void;
}

/** The names of tabs; arrows move between them. */
export function Tabs<Tab extends string>({ label, id, tabs, selected, onSelect }: TabsProps<Tab>): ReactNode {
  function move(event: KeyboardEvent<HTMLElement>): void {
    const at = tabs.indexOf(selected);
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: -1 - at }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = tabs.at((at + by) % tabs.length) ?? selected;
    onSelect(next);
    event.currentTarget.querySelector<HTMLElement>(`#${id}-tab-${next}`)?.focus();
  }
  return (
    <div role="tablist" aria-label={label} className={`tabs ${id}-tabs`} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`${id}-tab-${tab}`}
          aria-selected={tab === selected}
          aria-controls={`${id}-body`}
          tabIndex={tab === selected ? 0 : -1}
          onClick={() => onSelect(tab)}
        >
          {tab}
        </button>
      ))}
    </div>
  );
}
