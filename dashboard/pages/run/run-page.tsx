import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import type { RunView } from "../../api/shapes.ts";
import { useLoad } from "../../api/use-load.ts";
import { useFeed } from "../../live/use-feed.ts";
import { Link } from "../../parts/link.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { PageSkeleton } from "../../parts/skeleton.tsx";
import { Status } from "../../parts/status.tsx";
import { setQuery, usePlace, workflowPath } from "../../router.ts";

/** One run. */
export function RunPage({ runId }: { readonly runId: string }): ReactNode {
  const ask = (signal: AbortSignal): Promise<RunView> =>
    api.call("get", "/api/v1/runs/{run_id}", { path: { run_id: runId }, signal });
  const { value: run, thrown, reload } = useLoad(runId, ask);
  const selected = usePlace().query.get("node");
  useFeed((item) => {
    if (item.kind !== "event" || item.event.run_id === runId) reload();
  });
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (run === undefined) return <PageSkeleton />;
  return (
    <div className="page">
      <h1>
        <Status status={run.status} /> <Link to={workflowPath(run.workflow)}>{run.workflow}</Link>
      </h1>
      <ul>
        {run.nodes.map(({ id, status }) => (
          <li key={id}>
            <button type="button" className="button small" onClick={() => setQuery({ node: id })}>
              {id}
            </button>{" "}
            <Status status={status} /> {id === selected ? "selected" : ""}
          </li>
        ))}
      </ul>
    </div>
  );
}
