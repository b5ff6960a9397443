import { memo, type ReactNode } from "react";
import { formatDuration } from "../../../src/kernel/durations.ts";
import type { RunListing } from "../../api/shapes.ts";
import { useNow } from "../../live/use-now.ts";
import { describeAgo } from "../../model/ago.ts";
import { isInterrupted, shownStatusOf } from "../../model/shown-status.ts";
import { LastRuns } from "../../parts/last-runs/last-runs.tsx";
import { Link } from "../../parts/link.tsx";
import { Status } from "../../parts/status.tsx";
import { runPath } from "../../router.ts";
import { NodeBar } from "./node-bar.tsx";
import { useLastRuns } from "./use-last-runs.ts";
import { whyLine } from "./why-line.ts";
import "./runs-table.css";

/** Runs, newest first; below 560 px each is a card. */
export function RunsTable({ runs }: { readonly runs: readonly RunListing[] }): ReactNode {
  const lastRuns = useLastRuns(runs);
  return (
    <table className="runs-table">
      <caption className="unseen">Runs, newest first</caption>
      <thead>
        <tr>
          <th className="runs-table-status">Status</th>
          <th>Workflow</th>
          <th className="runs-table-nodes">Nodes</th>
          <th className="runs-table-started">Started</th>
          <th className="runs-table-duration">Duration</th>
          <th className="runs-table-last">Last 20</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.run_id} run={run} lastRuns={lastRuns.get(run.workflow) ?? NONE} />
        ))}
      </tbody>
    </table>
  );
}

const NONE: readonly RunListing[] = [];

interface RowProps {
  readonly run: RunListing;
  /** Of its workflow. */
  readonly lastRuns: readonly RunListing[];
}

const Row = memo(({ run, lastRuns }: RowProps): ReactNode => {
  const why = whyLine(run);
  return (
    <tr>
      <td className="runs-table-status">
        <Status status={shownStatusOf(run)} />
      </td>
      <td className="runs-table-workflow">
        <Link to={runPath(run.run_id)}>
          {run.workflow}
          <span className="runs-table-id">{run.run_id}</span>
        </Link>
        {why === undefined ? null : (
          <span
            className={why.isBad ? "runs-table-why runs-table-bad" : "runs-table-why"}
            title={`${why.node ?? ""}${why.text}`}
          >
            {why.node === undefined ? null : <b>{why.node}</b>}
            {why.text}
          </span>
        )}
      </td>
      <td className="runs-table-nodes">
        <NodeBar counts={run.counts} />
      </td>
      <td className="runs-table-started">
        <Started run={run} />
      </td>
      <td className="runs-table-duration">
        <Duration run={run} />
      </td>
      <td className="runs-table-last">{lastRuns.length === 0 ? null : <LastRuns recent={lastRuns} />}</td>
    </tr>
  );
});

function Started({ run }: { readonly run: RunListing }): ReactNode {
  const at = run.started_at ?? run.created_at;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {describeAgo(at, useNow())}
    </time>
  );
}

function Duration({ run }: { readonly run: RunListing }): ReactNode {
  if (run.duration_ms !== undefined) return formatDuration(run.duration_ms);
  return run.started_at === undefined || isInterrupted(run) ? "-" : <UntilNow since={run.started_at} />;
}

function UntilNow({ since }: { readonly since: string }): ReactNode {
  const seconds = Math.max(0, Math.floor((useNow() - Date.parse(since)) / 1_000));
  return formatDuration(seconds * 1_000);
}
