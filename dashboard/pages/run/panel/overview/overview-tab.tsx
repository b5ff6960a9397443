import type { ReactNode } from "react";
import { formatDuration } from "../../../../../src/kernel/durations.ts";
import { type Bar, barsOf, timesOf } from "../../timeline/bars.ts";
import { AttemptsTable } from "../attempts/attempts-table.tsx";
import type { PanelTabProps } from "../node-panel.tsx";
import { NodeError } from "./node-error.tsx";
import { NodeLink, NodeLinks } from "./node-links.tsx";

/** What stands first in the panel: what is wrong, what the node is, and how its attempts went. */
export function OverviewTab({ run, state, node, at, onSelect }: PanelTabProps): ReactNode {
  const { attempts } = node;
  const namesAt = (positions: readonly number[]): readonly string[] =>
    positions.flatMap((position) => state.byPosition[position]?.id ?? []);
  const service = serviceOf(node.request);
  const key = attempts.at(-1)?.idempotencyKey;
  return (
    <>
      {node.error === undefined ? null : <NodeError error={node.error} runId={run.run_id} nodeId={node.id} />}
      {node.status === "skipped" ? (
        <p className="panel-note">
          Skipped because{" "}
          {node.because === undefined ? (
            "the run stopped."
          ) : (
            <>
              <NodeLink id={node.because} onSelect={onSelect} /> did not succeed.
            </>
          )}
        </p>
      ) : null}
      {node.reusedFrom === undefined ? null : (
        <p className="panel-note">Its result is that of run {node.reusedFrom}.</p>
      )}
      <dl className="panel-facts">
        {service === undefined ? null : (
          <>
            <dt>Service</dt>
            <dd className="mono">{service}</dd>
          </>
        )}
        <dt>Attempts</dt>
        <dd>{attempts.length === 0 ? "none yet" : attemptWords(attempts.length, barsOf(node, at))}</dd>
        <dt>Waits for</dt>
        <dd>
          <NodeLinks ids={namesAt(node.upstream)} none="nothing" onSelect={onSelect} />
        </dd>
        <dt>Needed by</dt>
        <dd>
          <NodeLinks ids={namesAt(node.downstream)} none="nothing" onSelect={onSelect} />
        </dd>
        {key === undefined ? null : (
          <>
            <dt>Key</dt>
            <dd className="mono panel-clip" title={key}>
              {key}
            </dd>
          </>
        )}
      </dl>
      <AttemptsTable state={state} attempts={attempts} at={at} />
    </>
  );
}

/** `4, 170 ms at work, 3.7 s waiting` */
function attemptWords(count: number, bars: readonly Bar[]): string {
  const { workMs, waitMs } = timesOf(bars);
  const waiting = waitMs === 0 ? "" : `, ${formatDuration(waitMs)} waiting`;
  return `${count}, ${formatDuration(workMs)} at work${waiting}`;
}

/** The service that was called, of a node that calls one. */
function serviceOf(request: unknown): string | undefined {
  if (typeof request !== "object" || request === null || !("service" in request)) return undefined;
  return typeof request.service === "string" ? request.service : undefined;
}
