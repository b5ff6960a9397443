import type { ReactNode } from "react";
import type { NodeState } from "../../../../src/engine/state.ts";
import { formatDuration } from "../../../../src/kernel/durations.ts";
import { StatusIcon } from "../../../parts/status.tsx";
import { type Bar, barsOf, drawnBars, timesOf } from "./bars.ts";
import { noteOf } from "./rows.ts";

/** About as wide is a lane; what is told apart on it follows from that. */
const LANE_PX = 600;

interface TimelineRowProps {
  readonly node: NodeState;
  readonly from: number;
  readonly until: number;
  readonly at: number;
  readonly isSelected: boolean;
  /** Whether Tab reaches it. */
  readonly isStop: boolean;
  readonly onSelect: (nodeId: string) => void;
}

/** A node and its attempts. All of the row is the target: no bar is too short to be hit. */
export function TimelineRow({ node, from, until, at, isSelected, isStop, onSelect }: TimelineRowProps): ReactNode {
  const bars = barsOf(node, at);
  const note = noteOf(node);
  const percent = (ms: number): number => (until > from ? (ms / (until - from)) * 100 : 0);
  return (
    <button
      type="button"
      className="time-columns timeline-row"
      tabIndex={isStop ? 0 : -1}
      aria-current={isSelected ? "true" : undefined}
      // What is to be read begins it: whoever speaks to the page says what is seen.
      aria-label={[note === undefined ? node.id : `${node.id} ${note}`, node.status, ...wordsOf(bars)].join(", ")}
      onClick={() => onSelect(node.id)}
    >
      <span className="timeline-name">
        <StatusIcon status={node.status} size={13} />
        <span title={node.id}>{node.id}</span>
      </span>{" "}
      <span className="timeline-lane">
        {drawnBars(bars, from, until, (until - from) / LANE_PX).map((bar) => {
          const left = percent(bar.from - from);
          const width = percent(bar.until - bar.from);
          return bar.kind === "wait" ? (
            <span key={`wait ${bar.from}`} className="timeline-wait" style={{ left: `${left}%`, width: `${width}%` }} />
          ) : (
            <span
              key={bar.attempt}
              className={`timeline-bar timeline-bar-${bar.outcome}`}
              style={{
                left: leftOf(left, leastOf(bar.outcome)),
                width: `max(${leastOf(bar.outcome)}px, ${width}%)`,
              }}
              title={`attempt ${bar.attempt}: ${bar.outcome.replace("_", " ")}, ${formatDuration(bar.until - bar.from)}`}
            />
          );
        })}
        {note === undefined ? null : <span className="timeline-note">{note}</span>}
        {at > from && at < until ? <span className="timeline-now" style={{ left: `${percent(at - from)}%` }} /> : null}
      </span>
    </button>
  );
}

/** A bar at the very end is seen as a whole; one beyond it, where a part of the axis is looked at, is not. */
function leftOf(percent: number, leastPx: number): string {
  return percent <= 100 ? `min(${percent}%, 100% - ${leastPx}px)` : `${percent}%`;
}

/** Pixels that a bar has at least: a hollow one has two edges. */
function leastOf(outcome: string): number {
  return outcome === "succeeded" || outcome === "running" ? 3 : 7;
}

function wordsOf(bars: readonly Bar[]): readonly string[] {
  const attempts = bars.filter(({ kind }) => kind === "attempt").length;
  if (attempts === 0) return [];
  const { workMs, waitMs } = timesOf(bars);
  return [
    `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`,
    `${formatDuration(workMs)} at work`,
    ...(waitMs === 0 ? [] : [`${formatDuration(waitMs)} waiting`]),
  ];
}
