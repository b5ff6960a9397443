import type { ReactNode } from "react";
import type { WorkflowStats } from "../../../api/shapes.ts";
import { barsOf } from "../../../model/last-runs.ts";
import { Link } from "../../../parts/link.tsx";
import { runPath } from "../../../router.ts";

/** The last runs as bars, as high as each took long, the newest at the right; each leads to its run. */
export function RecentRuns({ recent }: { readonly recent: WorkflowStats["recent"] }): ReactNode {
  return (
    <ol className="recent-runs" aria-label="Last 20 runs, the oldest first">
      {barsOf(recent).map(({ runId, status, height, says }) => (
        <li key={runId}>
          <Link to={runPath(runId)} aria-label={`${runId}: ${says}`} title={`${runId}\n${says}`}>
            <span className={`recent-bar recent-${status}`} style={{ height: `${height * 100}%` }} />
          </Link>
        </li>
      ))}
    </ol>
  );
}
