import type { ReactNode } from "react";
import { formatDuration } from "../../../src/kernel/durations.ts";
import type { RunView } from "../../api/shapes.ts";
import { shownStatusOf } from "../../model/shown-status.ts";
import { Link } from "../../parts/link.tsx";
import { Status } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { runPath, setQuery } from "../../router.ts";
import { RunPicker } from "./run-picker.tsx";

interface RunSideProps {
  readonly side: "a" | "b";
  readonly run: RunView;
}

/** Which run stands on one side, and how it went. */
export function RunSide({ side, run }: RunSideProps): ReactNode {
  const letter = side.toUpperCase();
  return (
    <section className="card compare-side" aria-label={`Run ${letter}`}>
      <div className="row compare-side-head">
        <span className="compare-letter">{letter}</span>
        <Status status={shownStatusOf(run)} />
        <Link to={runPath(run.run_id)} className="mono compare-id">
          {run.run_id}
        </Link>
      </div>
      <p className="quiet">
        Started <Time iso={run.started_at ?? run.created_at} />
        {run.duration_ms === undefined ? "" : `, took ${formatDuration(run.duration_ms)}`}
      </p>
      <RunPicker
        label={`Another run as ${letter}`}
        workflow={run.workflow}
        runId={run.run_id}
        onPick={(runId) => setQuery({ [side]: runId })}
      />
    </section>
  );
}
