import type { ReactNode } from "react";
import { api } from "../../../api/api.ts";
import { useLoad } from "../../../api/use-load.ts";
import { usePoll } from "../../../live/use-poll.ts";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Skeleton } from "../../../parts/skeleton.tsx";
import { systemFacts } from "./system-words.ts";
import "./system-facts.css";

const REFRESH_MS = 5_000;

/** How the process of the server is, its journal and its limits. */
export function SystemFacts(): ReactNode {
  const { value, thrown, reload } = useLoad("system", (signal) => api.call("get", "/api/v1/system", { signal }));
  usePoll(reload, REFRESH_MS);
  return (
    <>
      {thrown === undefined ? null : <ProblemNote thrown={thrown} retry={reload} />}
      {value === undefined ? (
        thrown === undefined && (
          <div role="status" aria-label="Loading">
            <Skeleton height={126} />
          </div>
        )
      ) : (
        <dl className="system-facts">
          {systemFacts(value).map(({ name, value, more }) => (
            <div key={name} className="card system-fact">
              <dt>{name}</dt>
              <dd>
                <b>{value}</b>
                <span>{more}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <p className="system-links">
        {/* Pages of the server that are no part of the dashboard. */}
        <a href="/api/docs">The API</a>
        <a href="/metrics">Metrics for Prometheus</a>
      </p>
    </>
  );
}
