import type { ReactNode } from "react";
import type { NodeState } from "../../../../../src/engine/state.ts";
import { api } from "../../../../api/api.ts";
import type { RunView } from "../../../../api/shapes.ts";
import { useLoad } from "../../../../api/use-load.ts";
import { ProblemNote } from "../../../../parts/problem.tsx";
import { Skeleton } from "../../../../parts/skeleton.tsx";
import "./node-logs.css";

interface NodeLogsProps {
  readonly run: RunView;
  readonly node: NodeState;
  /** The instant that is shown, in milliseconds since the epoch. */
  readonly at: number;
  readonly isPast: boolean;
}

/** What the attempts of a node have written. */
export function NodeLogs({ run, node, at, isPast }: NodeLogsProps): ReactNode {
  const { value, thrown, reload } = useLoad(`${run.run_id} ${node.id} ${node.attempts.length}`, (signal) =>
    api.call("get", "/api/v1/runs/{run_id}/logs", {
      path: { run_id: run.run_id },
      query: { node_id: node.id, tail: 1000 },
      signal,
    }),
  );
  if (thrown !== undefined) return <ProblemNote thrown={thrown} retry={reload} />;
  if (value === undefined) return <Skeleton height={160} />;
  const lines = isPast ? value.lines.filter((line) => Date.parse(line.at) <= at) : value.lines;
  if (lines.length === 0) return <p className="panel-none">{node.id} has written nothing.</p>;
  return <pre className="logs-lines">{lines.map(({ text }) => `${text}\n`)}</pre>;
}
