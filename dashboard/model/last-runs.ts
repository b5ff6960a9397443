// The last runs of a workflow as bars: how long each took beside the longest of them.
import { formatDuration } from "../../src/kernel/durations.ts";
import type { WorkflowStats } from "../api/shapes.ts";

type RecentRun = WorkflowStats["recent"][number];

/** One run. */
export interface RunBar {
  readonly runId: string;
  readonly status: RecentRun["status"];
  /** Above 0, at most 1: its part of the longest. */
  readonly height: number;
  readonly says: string;
}

/** Lower ones could not be seen, or hit. */
const LOWEST = 0.12;

/** The oldest first, as one reads. @param recent the newest first, as the server tells them */
export function barsOf(recent: readonly RecentRun[]): readonly RunBar[] {
  const longest = Math.max(1, ...recent.map(({ duration_ms: ms = 0 }) => ms));
  return recent.toReversed().map(({ run_id: runId, status, duration_ms: ms, ended_at: endedAt }) => ({
    runId,
    status,
    height: Math.max(LOWEST, (ms ?? 0) / longest),
    says: `${status}${ms === undefined ? "" : ` after ${formatDuration(ms)}`}${endedAt === undefined ? "" : `, ${shortTime(endedAt)}`}`,
  }));
}

/** All of them in a sentence: `18 succeeded, 2 failed; the newest succeeded after 134 ms`. */
export function describeLastRuns(recent: readonly RecentRun[]): string {
  const [newest] = recent;
  if (newest === undefined) return "no run has ended yet";
  const counts = (["succeeded", "failed", "cancelled"] as const).flatMap((status) => {
    const count = recent.filter((run) => run.status === status).length;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  const took = newest.duration_ms === undefined ? "" : ` after ${formatDuration(newest.duration_ms)}`;
  return `${counts.join(", ")}; the newest ${newest.status}${took}`;
}

/** In the middle of them, of those that succeeded: how long it usually takes. */
export function usualDurationMs(recent: readonly RecentRun[]): number | undefined {
  const durations = recent
    .flatMap(({ status, duration_ms: ms }) => (status === "succeeded" && ms !== undefined ? [ms] : []))
    .toSorted((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)];
}

function shortTime(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}
