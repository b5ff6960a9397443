import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import type { NodeState } from "../../../../../src/engine/state.ts";
import { isTerminalRun } from "../../../../../src/engine/status.ts";
import type { RunView } from "../../../../api/shapes.ts";
import { ProblemNote } from "../../../../parts/problem.tsx";
import { Skeleton } from "../../../../parts/skeleton.tsx";
import { countUntil, findLines } from "./log-buffer.ts";
import { LogNotes } from "./log-notes.tsx";
import { LogSearch } from "./log-search.tsx";
import { LogView } from "./log-view.tsx";
import { whyNoLog } from "./no-log.ts";
import { useNodeLog } from "./use-node-log.ts";
import "./node-logs.css";

interface NodeLogsProps {
  readonly run: RunView;
  readonly node: NodeState;
  /** The instant that is shown, in milliseconds since the epoch. */
  readonly at: number;
  readonly isPast: boolean;
  /** The one that is looked at first: the last one if left out. */
  readonly attempt: number | undefined;
}

/** What the attempts of a node have written, to its end or as it is written. */
export function NodeLogs({ run, node, at, isPast, attempt: first }: NodeLogsProps): ReactNode {
  const last = node.attempts.at(-1)?.attempt;
  const [wanted, setWanted] = useState<number | "all" | undefined>(first === last ? undefined : first);
  const [isFollowing, setIsFollowing] = useState(true);
  const [typed, setFind] = useState("");
  const find = useDeferredValue(typed);
  const [current, setCurrent] = useState<number>();
  const [isOnly, setIsOnly] = useState(false);
  const attempt = attemptOf(node, wanted);
  const log = useNodeLog({
    runId: run.run_id,
    nodeId: node.id,
    attempt,
    isNone: node.attempts.length === 0,
    follow: !isTerminalRun(run.status),
  });
  const { lines, dropped } = log.buffer;
  const count = isPast ? countUntil(lines, at) : lines.length;
  const found = useMemo(() => findLines(lines, count, find), [lines, count, find]);
  const seenUntil = useSeen(isFollowing, count);

  function step(by: 1 | -1): void {
    if (found.length === 0) return;
    const next =
      current === undefined
        ? found[by === 1 ? 0 : found.length - 1]
        : by === 1
          ? (found.find((line) => line > current) ?? found[0])
          : (found.findLast((line) => line < current) ?? found.at(-1));
    setCurrent(next);
    setIsFollowing(false);
  }

  const isLive = log.state === "open" || log.state === "lost";
  return (
    <div className="logs">
      <div className="logs-tools">
        <AttemptChoice
          node={node}
          wanted={wanted}
          onWant={(next) => {
            setWanted(next);
            setCurrent(undefined);
          }}
        />
        <span className="grow" />
        <label className="logs-follow">
          <input
            type="checkbox"
            aria-label="Follow the log"
            checked={isFollowing}
            onChange={({ target }) => setIsFollowing(target.checked)}
          />{" "}
          follow
        </label>
      </div>
      {count === 0 ? null : (
        <LogSearch
          find={typed}
          onFind={(next) => {
            setFind(next);
            setCurrent(undefined);
          }}
          count={found.length}
          current={current === undefined ? 0 : found.indexOf(current) + 1}
          onStep={step}
          isOnly={isOnly}
          onOnly={setIsOnly}
        />
      )}
      <LogNotes
        lines={lines}
        count={count}
        dropped={dropped}
        onShow={(line) => {
          setIsOnly(false);
          setIsFollowing(false);
          setCurrent(line);
        }}
      />
      {log.state === "lost" ? (
        <p className="logs-lost" role="status">
          The log is not followed any more: the connection was lost. It is tried again.
        </p>
      ) : null}
      {log.state === "failed" ? <ProblemNote thrown={log.thrown} retry={log.retry} /> : null}
      {log.state === "loading" ? (
        <Skeleton height={220} />
      ) : count === 0 ? (
        log.state === "failed" ? null : (
          <p className="panel-none">{whyNoLog(node, attempt, isPast)}</p>
        )
      ) : (
        <div className="logs-frame">
          <LogView
            label={`Log of ${node.id}`}
            lines={lines}
            count={count}
            only={isOnly && find !== "" ? found : undefined}
            find={find}
            current={current}
            isFollowing={isFollowing}
            onFollow={setIsFollowing}
          />
          {!isFollowing && isLive && count > seenUntil ? (
            <button type="button" className="button small logs-more" onClick={() => setIsFollowing(true)}>
              {count - seenUntil} new {count - seenUntil === 1 ? "line" : "lines"} ↓
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}

/** Which attempt is looked at: the last one, unless another was chosen; undefined: all. */
function attemptOf({ attempts }: NodeState, wanted: number | "all" | undefined): number | undefined {
  if (wanted === "all") return undefined;
  const last = attempts.at(-1)?.attempt;
  return wanted === undefined || last === undefined || wanted > last ? last : wanted;
}

/** How many lines there were when the end was last in sight. */
function useSeen(isFollowing: boolean, count: number): number {
  const [seen, setSeen] = useState(count);
  if (isFollowing && seen !== count) setSeen(count);
  return seen;
}

interface AttemptChoiceProps {
  readonly node: NodeState;
  readonly wanted: number | "all" | undefined;
  readonly onWant: (attempt: number | "all" | undefined) => void;
}

function AttemptChoice({ node, wanted, onWant }: AttemptChoiceProps): ReactNode {
  const { attempts } = node;
  if (attempts.length < 2) return null;
  return (
    <select
      className="field field-small"
      aria-label="Attempt"
      value={wanted ?? "last"}
      onChange={({ target: { value } }) =>
        onWant(value === "last" ? undefined : value === "all" ? value : Number(value))
      }
    >
      <option value="last">last attempt ({attempts.length})</option>
      {attempts
        .slice(0, -1)
        .reverse()
        .map(({ attempt }) => (
          <option key={attempt} value={attempt}>
            attempt {attempt}
          </option>
        ))}
      <option value="all">all attempts</option>
    </select>
  );
}
