import { type ReactNode, useState } from "react";
import { api } from "../../../api/api.ts";
import { mayAct, useSession } from "../../../api/session.ts";
import type { AuditEntry } from "../../../api/shapes.ts";
import { useLoad } from "../../../api/use-load.ts";
import { usePoll } from "../../../live/use-poll.ts";
import { Link } from "../../../parts/link.tsx";
import { NoPermission } from "../../../parts/no-permission.tsx";
import { ProblemNote } from "../../../parts/problem.tsx";
import { Skeleton } from "../../../parts/skeleton.tsx";
import { Status } from "../../../parts/status.tsx";
import { Time } from "../../../parts/time.tsx";
import { runPath, workflowPath } from "../../../router.ts";

const PAGE = 25;
const REFRESH_MS = 10_000;

interface AuditProps {
  /** What people call whoever an entry names: `token:ID`. */
  readonly nameOf: (by: string) => string;
}

/** Who did what, newest first: to admins. */
export function AuditLog({ nameOf }: AuditProps): ReactNode {
  const session = useSession();
  return (
    <section className="card system-part" aria-labelledby="audit-title">
      {mayAct(session, "admin") ? (
        <AuditPages nameOf={nameOf} />
      ) : (
        <>
          <div className="row system-part-head">
            <h2 id="audit-title">Audit</h2>
          </div>
          {session === undefined ? (
            <Skeleton height={60} />
          ) : (
            <div>
              <NoPermission what="Who did what is" role="admin" />
            </div>
          )}
        </>
      )}
    </section>
  );
}

function AuditPages({ nameOf }: AuditProps): ReactNode {
  /** Where each page begins that was gone through, the newest first. */
  const [befores, setBefores] = useState<readonly number[]>([]);
  const before = befores.at(-1);
  const { value, thrown, reload } = useLoad(`audit ${before}`, (signal) =>
    api.call("get", "/api/v1/audit", { query: { limit: PAGE, ...(before === undefined ? {} : { before }) }, signal }),
  );
  usePoll(reload, REFRESH_MS);
  const next = value?.next;
  const entries = value?.entries;
  return (
    <>
      <div className="row system-part-head">
        <h2 id="audit-title">Audit</h2>
        <span className="grow quiet">{entries === undefined ? null : rangeOf(entries)}</span>
        <button
          type="button"
          className="button"
          disabled={befores.length === 0}
          onClick={() => setBefores(befores.slice(0, -1))}
        >
          Newer
        </button>
        <button
          type="button"
          className="button"
          disabled={next === undefined}
          onClick={() => next !== undefined && setBefores([...befores, next])}
        >
          Older
        </button>
      </div>
      {thrown === undefined ? null : (
        <div>
          <ProblemNote thrown={thrown} retry={reload} />
        </div>
      )}
      {entries === undefined ? (
        thrown === undefined && <Skeleton height={36 * PAGE} />
      ) : entries.length === 0 ? (
        <div>
          <p>Nobody did anything yet.</p>
        </div>
      ) : (
        <table className="system-table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">To what</th>
              <th scope="col">From</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <AuditRow key={entry.n} entry={entry} nameOf={nameOf} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function AuditRow({ entry, nameOf }: AuditProps & { readonly entry: AuditEntry }): ReactNode {
  const { at, by, role, address, action, run_id, workflow, token_id, outcome } = entry;
  const isOfNothing = (run_id ?? workflow ?? token_id) === undefined;
  return (
    <tr>
      <th scope="row" className="mono">
        {action}
      </th>
      <td data-label="at">
        <Time iso={at} />
      </td>
      <td data-label="by">
        <span title={by}>{nameOf(by)}</span> {role === undefined ? null : <span className="quiet">({role})</span>}
      </td>
      <td data-label={isOfNothing ? undefined : "on"}>
        {isOfNothing ? null : (
          <>
            {run_id === undefined ? null : <Link to={runPath(run_id)}>{run_id}</Link>}{" "}
            {workflow === undefined ? null : <Link to={workflowPath(workflow)}>{workflow}</Link>}
            {token_id === undefined ? null : nameOf(`token:${token_id}`)}
          </>
        )}
      </td>
      <td data-label="from">{address ?? "this machine"}</td>
      <td className="system-outcome">
        <Status status={outcome === "done" ? "succeeded" : "failed"}>{outcome}</Status>
      </td>
    </tr>
  );
}

function rangeOf(entries: readonly AuditEntry[]): string {
  const [newest, oldest] = [entries[0], entries.at(-1)];
  if (newest === undefined || oldest === undefined) return "";
  return newest.n === oldest.n ? `entry ${newest.n}` : `entries ${oldest.n} to ${newest.n}`;
}
