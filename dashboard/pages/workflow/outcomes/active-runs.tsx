import type { ReactNode } from "react";
import { api } from "../../../api/api.ts";
import { useLoad } from "../../../api/use-load.ts";
import { isOfRun, useFeedRefresh } from "../../../live/use-feed-refresh.ts";
import { shownStatusOf } from "../../../model/shown-status.ts";
import { Link } from "../../../parts/link.tsx";
import { Status } from "../../../parts/status.tsx";
import { runPath } from "../../../router.ts";

/** More are on the page of all runs. */
const MOST = 5;

/** The runs of a workflow that have not ended, the newest first; nothing where there are none. */
export function ActiveRuns({ workflow }: { readonly workflow: string }): ReactNode {
  const { value, reload } = useLoad(`active runs of ${workflow}`, (signal) =>
    api.call("get", "/api/v1/runs", { query: { workflow, ended: "false", limit: MOST }, signal }),
  );
  useFeedRefresh(async () => reload(), isOfRun);
  if (value === undefined || value.runs.length === 0) return null;
  return (
    <>
      <h3>Not ended yet</h3>
      <ul className="active-runs">
        {value.runs.map((run) => (
          <li key={run.run_id}>
            <Status status={shownStatusOf(run)} /> <Link to={runPath(run.run_id)}>{run.run_id}</Link>
          </li>
        ))}
        {value.next === undefined ? null : <li>and more</li>}
      </ul>
    </>
  );
}
