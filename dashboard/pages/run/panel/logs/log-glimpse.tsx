import { type ReactNode, useState } from "react";
import type { NodeState } from "../../../../../src/engine/state.ts";
import { isTerminalRun } from "../../../../../src/engine/status.ts";
import type { RunView } from "../../../../api/shapes.ts";
import { countUntil } from "./log-buffer.ts";
import { LogView } from "./log-view.tsx";
import { isCall } from "./no-log.ts";
import { useNodeLog } from "./use-node-log.ts";
import "./node-logs.css";

interface LogGlimpseProps {
  readonly run: RunView;
  readonly node: NodeState;
  readonly at: number;
  readonly isPast: boolean;
  readonly onShowLog: () => void;
}

/** Enough to see what was written last. */
const TAIL = 100;

/** The end of a node's log, where it has one. */
export function LogGlimpse({ run, node, at, isPast, onShowLog }: LogGlimpseProps): ReactNode {
  const [isFollowing, setIsFollowing] = useState(true);
  const attempt = node.attempts.at(-1)?.attempt;
  const log = useNodeLog({
    ...{ runId: run.run_id, nodeId: node.id, attempt },
    isNone: attempt === undefined,
    // What is seen of the past may be all that there was.
    tail: isPast ? undefined : TAIL,
    follow: !isTerminalRun(run.status) && !isCall(node),
  });
  const { lines } = log.buffer;
  const count = isPast ? countUntil(lines, at) : lines.length;
  if (count === 0) return null;
  return (
    <section className="logs-glimpse">
      <div className="row">
        <h3 className="grow">Log</h3>
        <button type="button" className="button small" onClick={onShowLog}>
          All of it
        </button>
      </div>
      <div className="logs-frame">
        <LogView
          label={`End of the log of ${node.id}`}
          lines={lines}
          count={count}
          only={undefined}
          find=""
          current={undefined}
          isFollowing={isFollowing}
          onFollow={setIsFollowing}
        />
      </div>
    </section>
  );
}
