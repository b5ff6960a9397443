import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { NodeState, RunState } from "../../../../src/engine/state.ts";
import { useWindowed } from "../../../parts/windowed/use-windowed.ts";
import { ticksOf } from "./axis.ts";
import { rowsOf } from "./rows.ts";
import { TimelineRow } from "./timeline-row.tsx";
import "./timeline.css";

/** In pixels, as timeline.css has it. */
const ROW_HEIGHT = 24;
/** Keys that move from row to row, and how far. */
const MOVES: { readonly [key: string]: number } = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

interface TimelineProps {
  readonly state: RunState;
  /** Both ends of the axis, in milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** The instant that is shown. */
  readonly at: number;
  /** Another one whenever `state` has changed, which it does in place. */
  readonly revision: number;
  readonly selected: string | undefined;
  readonly onSelect: (nodeId: string) => void;
}

/** When nodes were at work: a row for each, a bar for each attempt. */
export function Timeline({ state, from, until, at, revision, selected, onSelect }: TimelineProps): ReactNode {
  const [find, setFind] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state changes in place, and `revision` tells when
  const rows = useMemo(() => rowsOf(state.byPosition, find), [state, revision, find]);
  const [reached, setReached] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  const { ref, from: first, until: end, scrollTo } = useWindowed<HTMLDivElement>(rows.length, ROW_HEIGHT);

  // biome-ignore lint/correctness/useExhaustiveDependencies: followed once, not whenever a row moves
  useEffect(() => {
    const index = rows.findIndex(({ id }) => id === selected);
    if (index >= 0) scrollTo(index, "middle");
  }, [selected, find]);

  /** The one row that Tab reaches: keys go on from there. It is drawn wherever it is, so that the focus stays. */
  const stop = Math.max(
    0,
    rows.findIndex(({ id }) => id === (reached ?? selected)),
  );
  const drawn = indexesOf(first, end, stop, rows.length);

  function move(event: KeyboardEvent): void {
    const by = MOVES[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || rows.length === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, stop + by));
    setReached(rows[next]?.id);
    scrollTo(next);
    // Drawn by then: the row that keys have reached always is.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  }

  return (
    <div className="timeline">
      <div className="timeline-head">
        <input
          type="search"
          className="timeline-find"
          placeholder={`Find in ${state.byPosition.length} ${state.byPosition.length === 1 ? "node" : "nodes"}`}
          aria-label="Find a node in the timeline"
          value={find}
          onChange={({ target }) => setFind(target.value)}
        />
        <Axis spanMs={until - from} />
      </div>
      <div className="timeline-scroll" ref={ref}>
        {rows.length === 0 ? <p className="timeline-empty">No node has “{find}” in its name.</p> : null}
        <ul
          ref={list}
          className="timeline-rows"
          aria-label="Nodes by their start"
          style={{ height: rows.length * ROW_HEIGHT }}
          onKeyDown={move}
        >
          {drawn.map((index) => {
            const node = rows[index] as NodeState;
            return (
              <li
                key={node.id}
                style={{ top: index * ROW_HEIGHT, height: ROW_HEIGHT }}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
              >
                <TimelineRow
                  node={node}
                  from={from}
                  until={until}
                  at={at}
                  isSelected={node.id === selected}
                  isStop={index === stop}
                  onSelect={(id) => {
                    setReached(id);
                    onSelect(id);
                  }}
                />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

/** Rows in sight, and the one that Tab reaches. */
function indexesOf(from: number, until: number, stop: number, count: number): readonly number[] {
  const indexes = Array.from({ length: Math.max(0, until - from) }, (_, index) => from + index);
  if (stop >= count || (stop >= from && stop < until)) return indexes;
  return stop < from ? [stop, ...indexes] : [...indexes, stop];
}

/** Pixels that a tick takes at least. */
const TICK_WIDTH = 84;

function Axis({ spanMs }: { readonly spanMs: number }): ReactNode {
  const [width, setWidth] = useState(600);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div className="timeline-axis" ref={box} aria-hidden="true">
      {ticksOf(spanMs, Math.max(1, Math.floor(width / TICK_WIDTH))).map(({ place, label }) => (
        <span
          key={label}
          className={`timeline-tick${place === 0 ? " timeline-tick-first" : place * width > width - TICK_WIDTH / 2 ? " timeline-tick-last" : ""}`}
          style={{ left: `${place * 100}%` }}
        >
          {label}
        </span>
      ))}
    </div>
  );
}
