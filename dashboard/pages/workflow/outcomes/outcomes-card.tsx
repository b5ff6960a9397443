import type { ReactNode } from "react";
import { formatDuration } from "../../../../src/kernel/durations.ts";
import { useStats } from "../../../live/use-stats.ts";
import { usualDurationMs } from "../../../model/last-runs.ts";
import { describeCounts, sumOutcomes } from "../../../model/outcome-year.ts";
import { Link } from "../../../parts/link.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Time } from "../../../parts/time.tsx";
import { ActiveRuns } from "./active-runs.tsx";
import { CalendarLegend } from "./calendar-legend.tsx";
import { OutcomeCalendar } from "./outcome-calendar.tsx";
import { RecentRuns } from "./recent-runs.tsx";
import "./outcomes.css";

/** What became of the runs of a workflow: a year by the day, and the last of them one by one. */
export function OutcomesCard({ workflow }: { readonly workflow: string }): ReactNode {
  const { value: stats, thrown, reload } = useStats(workflow);
  const usualMs = usualDurationMs(stats?.recent ?? []);
  return (
    <section className="card outcomes" aria-labelledby="outcomes-title">
      <div className="row workflow-card-head">
        <h2 id="outcomes-title">Outcomes</h2>
        <span className="quiet">
          {stats === undefined ? "" : `${describeCounts(sumOutcomes(stats.days))} in a year`}
        </span>
        <span className="grow" />
        <Link to={`/runs?workflow=${encodeURIComponent(workflow)}`}>All its runs</Link>
      </div>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      <div className="outcomes-body">
        <OutcomeCalendar workflow={workflow} known={stats?.days ?? []} />
        <CalendarLegend />
        {stats?.counted_since === undefined ? null : (
          <p className="quiet">
            Still counting: what ended before <Time iso={stats.counted_since} /> comes in a moment.
          </p>
        )}
        <h3>
          Last 20 runs
          {usualMs === undefined ? null : (
            <span className="quiet outcomes-usual">one that succeeds usually takes {formatDuration(usualMs)}</span>
          )}
        </h3>
        {stats === undefined ? (
          <div className="recent-runs" />
        ) : stats.recent.length === 0 ? (
          <p className="quiet recent-none">No run of it has ended yet.</p>
        ) : (
          <RecentRuns recent={stats.recent} />
        )}
        <ActiveRuns workflow={workflow} />
      </div>
    </section>
  );
}
