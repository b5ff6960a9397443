import type { ReactNode } from "react";
import type { AttemptRecord } from "../../../../../src/engine/state.ts";
import { formatDuration } from "../../../../../src/kernel/durations.ts";
import { spanOf } from "../../timeline/bars.ts";
import type { PanelTabProps } from "../panel-props.ts";
import { OutcomeStatus } from "./attempts-table.tsx";
import "./attempts.css";

/** Every attempt of a node with what was wrong with it, the last one first. */
export function AttemptsTab({ state, node, at, onShowLog }: PanelTabProps): ReactNode {
  if (node.attempts.length === 0) return <p className="panel-none">No attempt has been made yet.</p>;
  const begin = Date.parse(state.createdAt);
  return (
    <ol className="attempt-list" reversed>
      {node.attempts.toReversed().map((attempt) => (
        <li key={attempt.attempt} className="attempt">
          <AttemptItem attempt={attempt} begin={begin} at={at} onShowLog={onShowLog} />
        </li>
      ))}
    </ol>
  );
}

interface AttemptItemProps {
  readonly attempt: AttemptRecord;
  /** When the run was created, in milliseconds since the epoch. */
  readonly begin: number;
  readonly at: number;
  readonly onShowLog: (attempt: number) => void;
}

function AttemptItem({ attempt, begin, at, onShowLog }: AttemptItemProps): ReactNode {
  const { from, until } = spanOf(attempt, at);
  const { error, retryAt, retryDelayMs } = attempt;
  return (
    <>
      <div className="attempt-head">
        <h3>Attempt {attempt.attempt}</h3>
        <OutcomeStatus outcome={attempt.outcome} />
        <span className="grow" />
        <button
          type="button"
          className="button small"
          aria-label={`Log of attempt ${attempt.attempt}`}
          onClick={() => onShowLog(attempt.attempt)}
        >
          Log
        </button>
      </div>
      <dl className="panel-facts">
        <dt>Start</dt>
        <dd className="mono">
          {attempt.startedAt.slice(11, 23)} (+{formatDuration(Math.max(0, from - begin))})
        </dd>
        <dt>{attempt.outcome === undefined ? "So far" : "Took"}</dt>
        <dd className="mono">{formatDuration(until - from)}</dd>
        {error === undefined ? null : (
          <>
            <dt>Error</dt>
            <dd className="attempt-error">
              <b>{error.code}</b>
              {error.status === undefined ? null : <span className="quiet"> {error.status}</span>}
              <p className="mono">{error.message}</p>
            </dd>
          </>
        )}
        {retryAt === undefined ? null : (
          <>
            <dt>Again</dt>
            <dd className="mono">
              {retryAt.slice(11, 23)}
              {retryDelayMs === undefined ? "" : `, after ${formatDuration(retryDelayMs)}`}
            </dd>
          </>
        )}
        <dt>Key</dt>
        <dd className="mono panel-clip" title={attempt.idempotencyKey}>
          {attempt.idempotencyKey}
        </dd>
      </dl>
    </>
  );
}
