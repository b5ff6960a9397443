import type { ReactNode } from "react";
import { api } from "../../api/api.ts";
import { useLoad } from "../../api/use-load.ts";
import { Link } from "../../parts/link.tsx";
import { ProblemNote } from "../../parts/problem.tsx";
import { PageSkeleton } from "../../parts/skeleton.tsx";
import { Status } from "../../parts/status.tsx";
import { runPath } from "../../router.ts";

/** All runs, newest first. */
export function RunsPage(): ReactNode {
  const { value, thrown, reload } = useLoad("runs", (signal) => api.call("get", "/api/v1/runs", { query: {}, signal }));
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <PageSkeleton />;
  return (
    <div className="page">
      <h1>Runs</h1>
      <ul>
        {value.runs.map((run) => (
          <li key={run.run_id}>
            <Status status={run.status} /> <Link to={runPath(run.run_id)}>{run.workflow}</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
