import type { ReactNode } from "react";
import type { WorkflowStats } from "../../api/shapes.ts";
import { barsOf, describeLastRuns } from "../../model/last-runs.ts";
import "./last-runs.css";

const BARS = 20;
const STEP = 6;
const HEIGHT = 24;

/** The last 20 runs that have ended, one bar each, as high as it took long; a failed one is hollow and crossed. */
export function LastRuns({ recent }: { readonly recent: WorkflowStats["recent"] }): ReactNode {
  const bars = barsOf(recent);
  return (
    <svg
      className="last-runs"
      role="img"
      aria-label={describeLastRuns(recent)}
      viewBox={`0 0 ${BARS * STEP} ${HEIGHT}`}
      width={BARS * STEP}
      height={HEIGHT}
    >
      {bars.map(({ runId, status, height, says }, position) => (
        <rect
          key={runId}
          className={`last-runs-${status}`}
          x={position * STEP + 0.75}
          y={HEIGHT - height * (HEIGHT - 1)}
          width={STEP - 2}
          height={height * (HEIGHT - 1)}
        >
          <title>{says}</title>
        </rect>
      ))}
    </svg>
  );
}
