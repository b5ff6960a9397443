import type { ReactNode } from "react";
import type { RunState } from "../../../../src/engine/state.ts";
import { isTerminalRun, type NodeStatus } from "../../../../src/engine/status.ts";
import { formatDuration } from "../../../../src/kernel/durations.ts";
import type { RunView } from "../../../api/shapes.ts";
import { isNotCalled } from "../../../model/not-called.ts";
import type { ShownStatus } from "../../../model/shown-status.ts";
import { Fact, Facts } from "../../../parts/facts/facts.tsx";
import { Link } from "../../../parts/link.tsx";
import { Status } from "../../../parts/status.tsx";
import { runPath, workflowPath } from "../../../router.ts";
import { RunParams } from "./run-params.tsx";
import "./run-head.css";

interface RunHeadProps {
  readonly run: RunView;
  /** At the instant that is shown. */
  readonly state: RunState;
  readonly children: ReactNode;
  /** That instant, in milliseconds since the epoch. */
  readonly at: number;
  readonly isPast: boolean;
  /** The server does not answer. */
  readonly isLost: boolean;
}

/** What matters most stands first. */
const ORDER: readonly NodeStatus[] = ["failed", "running", "waiting", "succeeded", "skipped", "cancelled", "pending"];

/** Which run it is, how it stands, and its plain facts. */
export function RunHead({ run, state, at, isPast, isLost, children }: RunHeadProps): ReactNode {
  return (
    <header className="run-head">
      <div className="row run-title">
        <Status status={isPast ? state.status : shownStatus(run, state)} />
        <h1>
          <Link to={workflowPath(run.workflow)}>{run.workflow}</Link>
        </h1>
        <span className="mono quiet">{run.run_id}</span>
        <span className="grow" />
        {children}
      </div>
      <div className="run-facts-row">
        <Facts>
          <Fact name="Started">{utc(state.startedAt ?? state.createdAt)}</Fact>
          <Fact name="Duration">{durationOf(state, at, !isPast && (isLost || run.owner?.alive === false))}</Fact>
          {run.source === undefined ? null : (
            <Fact name="Rerun of">
              <Link to={runPath(run.source)}>{run.source}</Link>
            </Fact>
          )}
        </Facts>
        <RunParams params={run.params} />
        <Facts>
          <Fact name="Nodes">
            <span className="run-counts">
              {ORDER.filter((status) => state.counts[status] > 0).map((status) => (
                <Status key={status} status={status}>
                  {state.counts[status]} {isNotCalled(status, state) ? "not called" : status}
                </Status>
              ))}
            </span>
          </Fact>
        </Facts>
      </div>
    </header>
  );
}

/** The fact that matters most: an unfinished run that nobody drives does not go on by itself. */
function shownStatus({ owner }: RunView, state: RunState): ShownStatus {
  if (isTerminalRun(state.status)) return state.status;
  if (owner?.alive === false) return "interrupted";
  return state.paused === undefined ? state.status : "paused";
}

/** @param isLeft nobody drives it, or the server does not answer: nobody knows how long it went on after its last event */
function durationOf({ startedAt, createdAt, durationMs, epoch }: RunState, at: number, isLeft: boolean): string {
  // What is recorded at its end is measured by its last owner alone.
  if (durationMs !== undefined) return `${formatDuration(durationMs)}${epoch > 1 ? " since it was resumed" : ""}`;
  const soFar = formatDuration(Math.max(0, at - Date.parse(startedAt ?? createdAt)));
  return isLeft ? `${soFar} or more` : `${soFar} so far`;
}

/** `2026-11-23 16:23:32 UTC` */
function utc(at: string): string {
  return at === "" ? "" : `${at.slice(0, 19).replace("T", " ")} UTC`;
}
