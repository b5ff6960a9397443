import { type ReactNode, useRef } from "react";
import type { WorkflowListing } from "../../api/shapes.ts";
import { useStats } from "../../live/use-stats.ts";
import { LastRuns } from "../../parts/last-runs/last-runs.tsx";
import { Link } from "../../parts/link.tsx";
import { Status } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { useSeen } from "../../parts/use-seen.ts";
import { workflowPath } from "../../router.ts";

/** A workflow in the list. Of its runs is asked when it comes into view. */
export function WorkflowRow({ workflow }: { readonly workflow: WorkflowListing }): ReactNode {
  const row = useRef<HTMLTableRowElement>(null);
  const isSeen = useSeen(row);
  const { value: stats } = useStats(workflow.name, isSeen);
  const { name, file, valid, diagnostics, nodes, versions, updated_at: updatedAt } = workflow;
  return (
    <tr ref={row}>
      <th scope="row">
        <Link to={workflowPath(name)} className="workflows-name">
          {name}
        </Link>
        <span className="mono quiet">{file}</span>
        <FirstDiagnostic workflow={workflow} />
      </th>
      <td>
        {valid ? (
          <Status status={diagnostics.length > 0 ? "interrupted" : "succeeded"}>
            {diagnostics.length > 0 ? "valid, warned" : "valid"}
          </Status>
        ) : (
          <Status status="failed">broken</Status>
        )}
      </td>
      <td className="workflows-number" data-label="nodes">
        {valid ? nodes : "-"}
      </td>
      <td className="workflows-number" data-label="versions">
        {versions}
      </td>
      <td className="workflows-changed quiet">
        <Time iso={updatedAt} />
      </td>
      <td className="workflows-last">
        {stats === undefined ? null : stats.recent.length === 0 ? (
          <span className="quiet">no run yet</span>
        ) : (
          <LastRuns recent={stats.recent} />
        )}
      </td>
      <td className="workflows-start">
        {valid && (
          <Link className="button" to={`${workflowPath(name)}#start`} aria-label={`Start ${name}`}>
            Start
          </Link>
        )}
      </td>
    </tr>
  );
}

function FirstDiagnostic({ workflow: { valid, diagnostics } }: { readonly workflow: WorkflowListing }): ReactNode {
  const [first, ...more] = diagnostics;
  if (first === undefined) return null;
  return (
    <span className={valid ? "workflows-why quiet" : "workflows-why workflows-why-broken"}>
      line {first.line}: {first.message}
      {more.length === 0 ? "" : ` (${more.length} more)`}
    </span>
  );
}
