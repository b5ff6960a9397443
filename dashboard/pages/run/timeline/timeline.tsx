import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { NodeState, RunState } from "../../../../src/engine/state.ts";
import { useKey } from "../../../document/keys.ts";
import { useWindowed } from "../../../parts/windowed/use-windowed.ts";
import { barsOf } from "./bars.ts";
import { rowsOf } from "./rows.ts";
import { TimelineAxis } from "./timeline-axis.tsx";
import { TimelineRow } from "./timeline-row.tsx";
import { useZoom, type ZoomPart } from "./use-zoom.ts";
import type { Span } from "./zoom.ts";
import "../time-columns.css";
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
  /** Which part of it is looked at. */
  readonly zoomed: ZoomPart;
  /** The instant that is shown. */
  readonly at: number;
  /** Another one whenever `state` has changed, which it does in place. */
  readonly revision: number;
  readonly selected: string | undefined;
  readonly onSelect: (nodeId: string) => void;
}

/** When nodes were at work: a row for each, a bar for each attempt. */
export function Timeline({ state, from, until, zoomed, at, revision, selected, onSelect }: TimelineProps): ReactNode {
  const [find, setFind] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state changes in place, and `revision` tells when
  const rows = useMemo(() => rowsOf(state.byPosition, find), [state, revision, find]);
  const [reached, setReached] = useState<string>();
  const before = useRef<string>(undefined);
  const list = useRef<HTMLUListElement>(null);
  const { ref, from: first, until: end, scrollTo } = useWindowed<HTMLDivElement>(rows.length, ROW_HEIGHT);

  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const whole: Span = { from, until };
  const worked = spanOfNode(state, selected, at);
  const zoom = useZoom(whole, zoomed, worked === undefined ? at : (worked.from + worked.until) / 2, box);
  useKey("/", "find a node in the timeline", () => field.current?.focus());
  useKey("z", "Zoom the timeline to the selected node, or back to all", () => zoom.toggle(worked ?? whole));

  // biome-ignore lint/correctness/useExhaustiveDependencies: followed once, not whenever a row moves
  useEffect(() => {
    // Where nothing is selected any more, keys go on from what was.
    setReached(selected === undefined ? before.current : undefined);
    before.current = selected;
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
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (zoom.isPart && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      zoom.move(event.key === "ArrowLeft" ? -0.2 : 0.2);
    }
    const by = MOVES[event.key];
    if (by === undefined || rows.length === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(rows.length - 1, stop + by));
    // Drawn at once, as the row that keys have reached always is: the next key is meant for it.
    flushSync(() => setReached(rows[next]?.id));
    scrollTo(next);
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  }

  return (
    <div className="timeline">
      <div className="time-columns timeline-head">
        <div className="timeline-tools">
          <input
            ref={field}
            type="search"
            className="field field-small timeline-find"
            placeholder="Find a node"
            aria-label="Find a node in the timeline"
            value={find}
            onChange={({ target }) => setFind(target.value)}
          />
          <button
            type="button"
            className="button small"
            aria-label="Zoom out of the timeline"
            disabled={!zoom.isPart}
            onClick={zoom.farther}
          >
            −
          </button>
          <button type="button" className="button small" aria-label="Zoom into the timeline" onClick={zoom.nearer}>
            +
          </button>
        </div>
        <TimelineAxis view={zoom.view} whole={whole} />
      </div>
      <div
        className="timeline-scroll"
        ref={(element) => {
          box.current = element;
          ref(element);
        }}
      >
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
                  from={zoom.view.from}
                  until={zoom.view.until}
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

/** From the begin of a node's first attempt to the end of its last one. */
function spanOfNode(state: RunState, nodeId: string | undefined, at: number): Span | undefined {
  const node = nodeId === undefined ? undefined : state.nodes.get(nodeId);
  if (node === undefined || node.attempts.length === 0) return undefined;
  const bars = barsOf(node, at);
  return { from: bars[0]?.from ?? at, until: bars.at(-1)?.until ?? at };
}

/** Rows in sight, and the one that Tab reaches. */
function indexesOf(from: number, until: number, stop: number, count: number): readonly number[] {
  const indexes = Array.from({ length: Math.max(0, until - from) }, (_, index) => from + index);
  if (stop >= count || (stop >= from && stop < until)) return indexes;
  return stop < from ? [stop, ...indexes] : [...indexes, stop];
}
