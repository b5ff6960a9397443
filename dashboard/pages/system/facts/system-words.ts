// The figures of the server, as lines for people.
import { formatBytes } from "../../../../src/kernel/bytes.ts";
import { formatDuration } from "../../../../src/kernel/durations.ts";
import type { SystemView } from "../../../api/shapes.ts";

/** One thing that is told: what it is, how it is, and what belongs to it. */
export interface SystemFact {
  readonly name: string;
  readonly value: string;
  readonly more?: string;
}

/** Of the last seconds: beyond it every request has to wait for so long. */
const SLOW_MS = 200;

export function systemFacts(system: SystemView): readonly SystemFact[] {
  const { version, node_version, pid, host, uptime_s, journal_bytes, memory_bytes, runs, event_loop_delay } = system;
  const { cluster } = system;
  const { p50_ms, p99_ms, max_ms } = event_loop_delay;
  return [
    {
      name: "Version",
      value: `Busbar ${version}`,
      more: `up ${describeUptime(uptime_s)}, pid ${pid} on ${host}, Node.js ${node_version}`,
    },
    {
      name: "Runs",
      value: `${runs.running} running${runs.max_runs === undefined ? "" : ` of ${runs.max_runs}`}`,
      more: runs.waiting === 0 ? "none waits for its turn" : `${runs.waiting} waiting for their turn`,
    },
    {
      name: "Journal",
      value: formatBytes(journal_bytes),
      more: cluster === undefined ? "all that was recorded" : "tokens and the audit log; runs are in the cluster",
    },
    { name: "Memory", value: formatBytes(memory_bytes), more: "of the process" },
    {
      name: "Event loop",
      value: `${formatMs(p50_ms)} late`,
      more: `99 of 100 within ${formatMs(p99_ms)}, ${max_ms > SLOW_MS ? "at worst" : "at most"} ${formatMs(max_ms)}`,
    },
    ...(cluster === undefined ? [] : [{ name: "Cluster", ...clusterOf(cluster) }]),
    { name: "Kept", ...keptOf(system) },
  ];
}

/** What drives the runs, where it is not the server. */
function clusterOf({ ingress, version, workers }: NonNullable<SystemView["cluster"]>): Omit<SystemFact, "name"> {
  if (version === undefined || workers === undefined) return { value: "cannot be reached", more: ingress };
  const at = workers.length === 0 ? "no workers" : `workers at ${workers.join(", ")}`;
  return { value: `Restate ${version}`, more: `${at}; ingress ${ingress}` };
}

/** What is kept of runs that have ended. */
function keptOf({ retention }: SystemView): Omit<SystemFact, "name"> {
  const { max_age_ms, max_runs, max_bytes } = retention;
  const limits = [
    ...(max_age_ms === undefined ? [] : [describeAge(max_age_ms)]),
    ...(max_runs === undefined ? [] : [`${max_runs.toLocaleString("en")} runs`]),
    ...(max_bytes === undefined ? [] : [formatBytes(max_bytes)]),
  ];
  const [first, ...others] = limits;
  if (first === undefined) return { value: "everything", more: "no limit is set" };
  return {
    value: first,
    more: others.length === 0 ? "of ended runs" : `at most ${others.join(" and ")} of ended runs`,
  };
}

function describeUptime(seconds: number): string {
  return seconds < 60 ? `${Math.floor(seconds)} s` : formatDuration(seconds * 1_000);
}

const DAY_MS = 86_400_000;

function describeAge(ms: number): string {
  if (ms < DAY_MS) return formatDuration(ms);
  const days = Math.round(ms / DAY_MS);
  return `${days} ${days === 1 ? "day" : "days"}`;
}

function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
