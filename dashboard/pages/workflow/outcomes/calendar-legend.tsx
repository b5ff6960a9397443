import type { ReactNode } from "react";

/** What the squares of the calendar mean. */
export function CalendarLegend(): ReactNode {
  return (
    <p className="calendar-legend quiet" aria-hidden="true">
      fewer
      {[1, 2, 3, 4].map((level) => (
        <span key={level} className={`calendar-day calendar-level-${level}`} />
      ))}
      more
      <span className="calendar-day calendar-level-4 calendar-failed">
        <span className="calendar-share" style={{ height: "45%" }} />
      </span>
      some failed
      <span className="calendar-day calendar-cancelled" />
      all cancelled
    </p>
  );
}
