import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import {
  type CalendarDay,
  countRuns,
  describeDay,
  levelOf,
  type Outcomes,
  outcomeYear,
} from "../../../model/outcome-year.ts";
import { Link } from "../../../parts/link.tsx";

interface OutcomeCalendarProps {
  readonly workflow: string;
  readonly known: readonly Outcomes[];
}

/**
 * A year, a square a day: the fuller the more runs ended, hollow at the top by the share that failed. A day on which
 * some ended leads to its runs. One stop for the Tab key; arrows go from day to day.
 */
export function OutcomeCalendar({ workflow, known }: OutcomeCalendarProps): ReactNode {
  const { days, weeks, months } = useMemo(() => outcomeYear(known, Date.now()), [known]);
  const busiest = Math.max(0, ...known.map(countRuns));
  const linked = days.filter(({ outcomes }) => outcomes !== undefined);
  const [reached, setReached] = useState<string>();
  const stop = linked.find(({ day }) => day === reached) ?? linked.at(-1);
  const box = useRef<HTMLDivElement>(null);
  // Today is at the right, where a narrow screen would not show it.
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollLeft = box.current.scrollWidth;
  }, []);

  const move = (event: KeyboardEvent): void => {
    const position = linked.findIndex(({ day }) => day === stop?.day);
    const to = MOVES[event.key]?.(position, linked.length - 1);
    const day = to === undefined ? undefined : linked[to]?.day;
    if (day === undefined) return;
    event.preventDefault();
    setReached(day);
    box.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus();
  };

  return (
    // On a narrow screen it is scrolled, by keyboard too where no day in it can be reached.
    <div className="calendar-box" ref={box} {...(linked.length === 0 ? { tabIndex: 0 } : {})}>
      {/* biome-ignore lint/a11y/useSemanticElements: it is no form; keys move between the links in it */}
      <div
        className="calendar"
        role="group"
        aria-label="Outcomes by day, of a year"
        style={{ gridTemplateColumns: `28px repeat(${weeks}, 1fr)` }}
        onKeyDown={move}
      >
        {months.map(({ week, name }) => (
          <span key={week} className="calendar-month" aria-hidden="true" style={{ gridColumn: week + 2 }}>
            {name}
          </span>
        ))}
        {["Mon", "Wed", "Fri"].map((name, position) => (
          <span key={name} className="calendar-weekday" aria-hidden="true" style={{ gridRow: 2 + 2 * position }}>
            {name}
          </span>
        ))}
        {days.map((day) => (
          <Day key={day.day} day={day} busiest={busiest} workflow={workflow} isStop={day === stop} />
        ))}
      </div>
    </div>
  );
}

const MOVES: { readonly [key: string]: (position: number, last: number) => number } = {
  ArrowLeft: (position) => Math.max(0, position - 1),
  ArrowUp: (position) => Math.max(0, position - 1),
  ArrowRight: (position, last) => Math.min(last, position + 1),
  ArrowDown: (position, last) => Math.min(last, position + 1),
  Home: () => 0,
  End: (_, last) => last,
};

function Day({
  day,
  busiest,
  workflow,
  isStop,
}: {
  readonly day: CalendarDay;
  readonly busiest: number;
  readonly workflow: string;
  readonly isStop: boolean;
}): ReactNode {
  const place = { gridColumn: day.week + 2, gridRow: day.weekday + 2 };
  const { outcomes } = day;
  const says = describeDay(day);
  if (outcomes === undefined) return <span className="calendar-day" aria-hidden="true" title={says} style={place} />;
  const all = countRuns(outcomes);
  const failed = outcomes.failed === 0 ? 0 : Math.max(0.35, outcomes.failed / all);
  const kind =
    outcomes.succeeded + outcomes.failed === 0 ? " calendar-cancelled" : outcomes.failed > 0 ? " calendar-failed" : "";
  return (
    <Link
      to={`/runs?workflow=${encodeURIComponent(workflow)}&day=${day.day}`}
      className={`calendar-day calendar-level-${levelOf(outcomes, busiest)}${kind}`}
      aria-label={says}
      title={says}
      data-day={day.day}
      tabIndex={isStop ? 0 : -1}
      style={place}
    >
      {failed === 0 ? null : <span className="calendar-share" style={{ height: `${Math.round(failed * 100)}%` }} />}
    </Link>
  );
}
