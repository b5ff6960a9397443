import { type ReactNode, useState } from "react";
import { api } from "../../api/api.ts";
import type { WorkflowListing } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { usePoll } from "../../live/use-poll.ts";
import { ProblemNote } from "../../parts/problem.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { UploadButton } from "../../parts/upload/upload-button.tsx";
import { goTo, workflowPath } from "../../router.ts";
import { NoWorkflows } from "./no-workflows.tsx";
import { WorkflowRow } from "./workflow-row.tsx";
import "./workflows-page.css";

/** Files change on disk, and no feed tells of it. */
const REFRESH_MS = 10_000;
const ROW_HEIGHT = 63;

/** All workflows of the server, those with broken files too. */
export function WorkflowsPage(): ReactNode {
  const [filter, setFilter] = useState("");
  const { value, thrown, reload } = useLoad("workflows", (signal) => api.call("get", "/api/v1/workflows", { signal }));
  usePoll(reload, REFRESH_MS);
  const workflows = value?.workflows;
  return (
    <div className="page">
      <div className="row workflows-head">
        <h1>Workflows</h1>
        <span className="grow" />
        <SearchField label="Filter by name or file" keyDoes="filter the workflows" text={filter} onChange={setFilter} />
        <UploadButton label="Upload a workflow" replaced={undefined} onStored={(name) => goTo(workflowPath(name))} />
      </div>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      {workflows === undefined ? (
        thrown === undefined && (
          <div role="status" aria-label="Loading">
            <Skeleton height={35 + 3 * ROW_HEIGHT} />
          </div>
        )
      ) : workflows.length === 0 ? (
        <NoWorkflows />
      ) : (
        <WorkflowTable workflows={workflows.filter(matches(filter))} clear={() => setFilter("")} />
      )}
    </div>
  );
}

function WorkflowTable({
  workflows,
  clear,
}: {
  readonly workflows: readonly WorkflowListing[];
  readonly clear: () => void;
}): ReactNode {
  if (workflows.length === 0) {
    return (
      <div className="card workflows-none">
        <p>No workflow has that in its name or file.</p>
        <button type="button" className="button" onClick={clear}>
          Show all
        </button>
      </div>
    );
  }
  return (
    <div className="card workflows-card">
      <table className="workflows-table">
        <thead>
          <tr>
            <th scope="col">Workflow</th>
            <th scope="col">File</th>
            <th scope="col" className="workflows-number">
              Nodes
            </th>
            <th scope="col" className="workflows-number">
              Versions
            </th>
            <th scope="col">Changed</th>
            <th scope="col">Last 20 runs</th>
            <th scope="col">
              <span className="unseen">Start</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workflows.map((workflow) => (
            <WorkflowRow key={workflow.name} workflow={workflow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function matches(filter: string): (workflow: WorkflowListing) => boolean {
  const wanted = filter.trim().toLowerCase();
  return ({ name, file }) => name.toLowerCase().includes(wanted) || file.toLowerCase().includes(wanted);
}
