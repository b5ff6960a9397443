import type { RunEvent } from "../../../engine/events.ts";
import type { Executor } from "../../../ports/executor.ts";
import type { EventLoopDelay, Metric, Metrics } from "../../../ports/metrics.ts";
import type { SystemView } from "../../../ports/system.ts";
import { createCounter, createHistogram, gauge } from "./instruments.ts";

/** The numbers of a server, and who feeds them. */
export interface ServerMetrics extends Metrics {
  /** Told of every event that is durable. */
  observe(events: readonly RunEvent[]): void;
  /** Told how long the journal took to make an append durable. */
  noteCommit(ms: number): void;
  /** The executor, whose attempts are counted while they are under way. */
  around(executor: Executor): Executor;
}

/** What is read when somebody asks. */
export interface ServerFacts {
  runs(): SystemView["runs"];
  journalBytes(): number;
  eventLoopDelay(): EventLoopDelay;
  readonly startedAtMs: number;
}

const DURATIONS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];
const COMMITS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const RUN_OUTCOMES = ["succeeded", "failed", "cancelled"];
const ATTEMPT_OUTCOMES = ["succeeded", "failed", "timed_out", "cancelled", "lost"];

export function createServerMetrics(facts: ServerFacts): ServerMetrics {
  const begun = createCounter("busbar_runs_begun_total", "Runs that were made here, or went on here.", "how", [
    "created",
    "resumed",
  ]);
  const runs = createCounter("busbar_runs_total", "Runs that ended here.", "outcome", RUN_OUTCOMES);
  const attempts = createCounter("busbar_attempts_total", "Attempts that ended here.", "outcome", ATTEMPT_OUTCOMES);
  const retries = createCounter(
    "busbar_retries_total",
    "Attempts after which a node waits for the next one.",
    "after",
    ["failed", "timed_out", "lost"],
  );
  const runSeconds = createHistogram(
    "busbar_run_duration_seconds",
    "How long runs took, since they were made or last resumed.",
    { buckets: DURATIONS, label: "outcome" },
  );
  const attemptSeconds = createHistogram("busbar_attempt_duration_seconds", "How long attempts took.", {
    ...{ buckets: DURATIONS, label: "outcome" },
  });
  const commitSeconds = createHistogram(
    "busbar_commit_duration_seconds",
    "How long the journal took to make an append durable.",
    { buckets: COMMITS },
  );
  let inFlight = 0;

  function endRun(outcome: string, durationMs: number): void {
    runs.add(outcome);
    runSeconds.observe(durationMs / 1000, outcome);
  }

  function endAttempt(outcome: string, durationMs: number): void {
    attempts.add(outcome);
    attemptSeconds.observe(durationMs / 1000, outcome);
  }

  function observe(event: RunEvent): void {
    switch (event.type) {
      case "run.created":
        return begun.add("created");
      case "run.resumed":
        return begun.add("resumed");
      case "run.succeeded":
      case "run.failed":
      case "run.cancelled":
        return endRun(event.type.slice("run.".length), event.duration_ms);
      case "node.succeeded":
        // What a rerun keeps was done in another run.
        return event.reused_from === undefined ? endAttempt("succeeded", event.duration_ms) : undefined;
      case "node.attempt_failed":
        if (event.retry_at !== undefined) retries.add(event.outcome);
        return endAttempt(event.outcome, event.duration_ms);
      case "node.cancelled":
        // Its length is not recorded.
        return event.attempt === undefined ? undefined : attempts.add("cancelled");
      default:
        return undefined;
    }
  }

  function standing(): readonly Metric[] {
    const { running, waiting } = facts.runs();
    const { p50_ms, p99_ms, max_ms } = facts.eventLoopDelay();
    const cpu = process.cpuUsage();
    return [
      gauge("busbar_runs_running", "Runs that go on here.", running),
      gauge("busbar_runs_waiting", "Runs that wait for their turn.", waiting),
      gauge("busbar_attempts_in_flight", "Attempts that are under way from here.", inFlight),
      gauge("busbar_journal_bytes", "Size of the journal's files.", facts.journalBytes()),
      {
        name: "busbar_event_loop_delay_seconds",
        help: "How long the event loop kept others waiting in the last ten seconds.",
        type: "gauge",
        samples: [
          { labels: { quantile: "0.5" }, value: p50_ms / 1000 },
          { labels: { quantile: "0.99" }, value: p99_ms / 1000 },
          { labels: { quantile: "1" }, value: max_ms / 1000 },
        ],
      },
      gauge("process_resident_memory_bytes", "Resident memory.", process.memoryUsage.rss()),
      gauge("process_cpu_seconds_total", "Time on processors.", (cpu.user + cpu.system) / 1e6, "counter"),
      gauge("process_start_time_seconds", "When the server started, since 1970.", facts.startedAtMs / 1000),
    ];
  }

  return {
    observe(events) {
      for (const event of events) observe(event);
    },
    noteCommit: (ms) => commitSeconds.observe(ms / 1000),
    around: (executor) => ({
      ...executor,
      async execute(attempt, signal) {
        inFlight += 1;
        try {
          return await executor.execute(attempt, signal);
        } finally {
          inFlight -= 1;
        }
      },
    }),
    read() {
      const fed = [begun, runs, runSeconds, attempts, retries, attemptSeconds, commitSeconds];
      return [...fed.map((one) => one.read()), ...standing()];
    },
  };
}
