import type { ReactNode } from "react";
import type { AttemptRecord, RunState } from "../../../../../src/engine/state.ts";
import type { AttemptOutcome } from "../../../../../src/engine/status.ts";
import { formatDuration } from "../../../../../src/kernel/durations.ts";
import type { ShownStatus } from "../../../../model/shown-status.ts";
import { Status } from "../../../../parts/status.tsx";
import { spanOf } from "../../timeline/bars.ts";
import "./attempts.css";

interface AttemptsTableProps {
  readonly state: RunState;
  readonly attempts: readonly AttemptRecord[];
  readonly at: number;
}

/** Each outcome with the shape of a status; the word is its own. */
const SHAPES: { readonly [outcome in AttemptOutcome]: ShownStatus } = {
  succeeded: "succeeded",
  failed: "failed",
  timed_out: "failed",
  cancelled: "cancelled",
  lost: "interrupted",
};

/** The attempts of a node, a row each. */
export function AttemptsTable({ state, attempts, at }: AttemptsTableProps): ReactNode {
  if (attempts.length === 0) return null;
  const begin = Date.parse(state.createdAt);
  return (
    <table className="attempts">
      <thead>
        <tr>
          <th scope="col">#</th>
          <th scope="col">Start</th>
          <th scope="col">Took</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => {
          const { from, until } = spanOf(attempt, at);
          return (
            <tr key={attempt.attempt}>
              <td>{attempt.attempt}</td>
              <td className="mono" title={attempt.startedAt}>
                +{formatDuration(Math.max(0, from - begin))}
              </td>
              <td className="mono">{attempt.outcome === undefined ? "…" : formatDuration(until - from)}</td>
              <td>
                <OutcomeStatus outcome={attempt.outcome} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How an attempt ended, if it has. */
export function OutcomeStatus({ outcome }: { readonly outcome: AttemptOutcome | undefined }): ReactNode {
  if (outcome === undefined) return <Status status="running" />;
  return <Status status={SHAPES[outcome]}>{outcome.replace("_", " ")}</Status>;
}
