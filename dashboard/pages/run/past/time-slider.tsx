import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useState } from "react";
import type { RunEvent } from "../../../../src/engine/events.ts";
import { countUntil, eventMarks } from "../../../model/event-marks.ts";
import { clockOf, eventWords } from "../../../model/event-words.ts";
import type { RunHistory } from "../../../model/run-history.ts";
import type { Span } from "../timeline/zoom.ts";
import type { Past } from "./use-past.ts";
import "../time-columns.css";
import "./time-slider.css";

/** Pieces of the time, each a bar of its own. */
const PIECES = 240;
/** All of a history is played in about that time, however long it is. */
const PLAY_MS = 12_000;
const FRAME_MS = 120;
/** The keys of the whole page hold here, too. */
const STEPS: { readonly [key: string]: number | undefined } = {
  "[": -1,
  "]": 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
};

interface TimeSliderProps {
  readonly history: RunHistory;
  /** The part of the time that is looked at, in milliseconds since the epoch: that of the timeline above. */
  readonly view: Span;
  /** The end of all of it. */
  readonly until: number;
  readonly revision: number;
  readonly past: Past;
}

/** Shows the run as it stood at any instant: dragged over its time, or stepped from event to event. */
export function TimeSlider({ history, view, until, revision, past }: TimeSliderProps): ReactNode {
  const { count, total, isPast, goTo } = past;
  const { events, instants } = history;
  const [isPlaying, setPlaying] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `history` grows in place, which `revision` tells
  const marks = useMemo(
    () => eventMarks(history, view.from, view.until, PIECES),
    [history, view.from, view.until, revision],
  );
  useEffect(() => {
    if (!isPlaying) return;
    if (!isPast) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => goTo(count + Math.max(1, Math.round((total * FRAME_MS) / PLAY_MS))), FRAME_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, isPast, count, total, goTo]);
  const play = (): void => {
    if (!isPlaying && !isPast) goTo(1);
    setPlaying(!isPlaying);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const to = event.key === "Home" ? 1 : event.key === "End" ? total : step === undefined ? undefined : count + step;
    if (to === undefined) return;
    event.preventDefault();
    goTo(to);
  };
  const event = events[count - 1];
  const at = isPast ? (instants[count - 1] ?? until) : until;
  return (
    <div className="time-columns time-slider">
      <div className="time-slider-steps">
        <button
          type="button"
          className="button small"
          aria-label="Previous event"
          aria-keyshortcuts="["
          disabled={count <= 1}
          onClick={() => goTo(count - 1)}
        >
          ‹
        </button>
        <button
          type="button"
          className="button small"
          aria-label={isPlaying ? "Stop playing" : "Play the history"}
          onClick={play}
        >
          {isPlaying ? "❚❚" : "▶"}
        </button>
        <button
          type="button"
          className="button small"
          aria-label="Next event"
          aria-keyshortcuts="]"
          disabled={!isPast}
          onClick={() => goTo(count + 1)}
        >
          ›
        </button>
        <span className="time-slider-count">
          {count}/{total}
        </span>
      </div>
      <div className="time-slider-track">
        <svg preserveAspectRatio="none" viewBox={`0 0 ${PIECES} 10`} aria-hidden="true">
          {marks.map(({ piece, height, hasFailure }) => (
            <rect
              key={piece}
              x={piece}
              y={10 - height * 10}
              width="1"
              height={height * 10}
              className={hasFailure ? "time-slider-failure" : "time-slider-mark"}
            />
          ))}
        </svg>
        <input
          type="range"
          min={view.from}
          max={view.until}
          step="any"
          value={at}
          onChange={({ target }) => {
            const to = target.valueAsNumber;
            goTo(to >= until ? total : countUntil(instants, to));
          }}
          onKeyDown={onKeyDown}
          aria-label="Time in the run"
          aria-valuetext={event === undefined ? "" : textOf(event, count, total)}
        />
      </div>
    </div>
  );
}

function textOf(event: RunEvent, count: number, total: number): string {
  const { node, text } = eventWords(event);
  return [`event ${count} of ${total}`, clockOf(event.at), node, event.type, text].filter(Boolean).join(", ");
}
