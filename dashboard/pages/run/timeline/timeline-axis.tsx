import { type ReactNode, useEffect, useRef, useState } from "react";
import { ticksOf } from "./axis.ts";
import type { Span } from "./zoom.ts";

interface TimelineAxisProps {
  /** What is looked at, and the whole of the run. */
  readonly view: Span;
  readonly whole: Span;
}

/** Pixels that a tick takes at least. */
const TICK_WIDTH = 84;

/** The times over the lanes. Of a part, a line below them says which part it is. */
export function TimelineAxis({ view, whole }: TimelineAxisProps): ReactNode {
  const [width, setWidth] = useState(600);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const length = view.until - view.from;
  const all = whole.until - whole.from;
  const ticks = ticksOf(length, Math.max(1, Math.floor(width / TICK_WIDTH)), view.from - whole.from);
  return (
    <div className="timeline-axis" ref={box} aria-hidden="true">
      {ticks.map(({ place, label }) => (
        <span key={label} className={`timeline-tick${sideOf(place, width)}`} style={{ left: `${place * 100}%` }}>
          {label}
        </span>
      ))}
      {length >= all ? null : (
        <span className="timeline-part">
          <span
            style={{ left: `${((view.from - whole.from) / all) * 100}%`, width: `max(6px, ${(length / all) * 100}%)` }}
          />
        </span>
      )}
    </div>
  );
}

/** At the ends of the axis a label stands beside its place, not around it. */
function sideOf(place: number, width: number): string {
  if (place === 0) return " timeline-tick-first";
  return place * width > width - TICK_WIDTH / 2 ? " timeline-tick-last" : "";
}
