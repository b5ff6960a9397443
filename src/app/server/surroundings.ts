import { statSync } from "node:fs";
import { hostname } from "node:os";
import { createArtifacts } from "../../adapters/artifacts/artifacts.ts";
import type { DataDir } from "../../adapters/artifacts/place.ts";
import { databasePath, walPath } from "../../adapters/journal-sqlite/state-dir.ts";
import { lazily } from "../../kernel/lazily.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Artifacts } from "../../ports/artifacts.ts";
import type { Executor } from "../../ports/executor.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { ServiceProbe, ServiceWatch } from "../../ports/services.ts";
import type { ReadSystem, RetentionView, SystemView } from "../../ports/system.ts";
import type { OwnerOptions } from "../busbar.ts";
import type { Shared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";
import { monitorEventLoop } from "./metrics/event-loop-delay.ts";
import { createServerMetrics } from "./metrics/server-metrics.ts";
import type { NamedServices } from "./named-services.ts";
import { createServiceWatch } from "./service-watch.ts";

export type { DataDir };

export interface SurroundingsOptions {
  readonly stateDir: string;
  readonly shared: Shared;
  /** Where the files are that nodes name. */
  readonly dataDirs: readonly DataDir[];
  readonly retention: RetentionView;
  /** The services of stored workflows. */
  readonly named: () => Promise<readonly NamedServices[]>;
  /** How full the queue of runs is. */
  readonly queue: () => SystemView["runs"];
  /** The cluster that drives the runs, if one does. */
  readonly cluster: () => Promise<SystemView["cluster"]>;
}

/** What a server has around its runs, and how the owner of the runs feeds it. */
export interface Surroundings {
  readonly hooks: Required<Pick<OwnerOptions, "observers" | "onDrive" | "around" | "onCommit">>;
  readonly artifacts: Artifacts;
  readonly services: ServiceWatch;
  readonly metrics: Metrics;
  readonly system: ReadSystem;
  /** After the runs. */
  close(): Promise<void>;
}

export function createSurroundings(options: SurroundingsOptions): Surroundings {
  const { stateDir, shared, dataDirs, retention, named, queue: runs, cluster: readCluster } = options;
  const { clock, secrets } = shared;
  const [startedAtMs, startedMs] = [clock.now(), clock.monotonic()];
  const monitor = monitorEventLoop();
  const services = createServiceWatch({ probe: createLateProbe(shared), clock, secrets, named });
  const journalBytes = (): number => sizeOf(databasePath(stateDir)) + sizeOf(walPath(stateDir));
  const metrics = createServerMetrics({ runs, journalBytes, eventLoopDelay: monitor.read, startedAtMs });

  return {
    hooks: {
      observers: [metrics.observe],
      onCommit: metrics.noteCommit,
      around: (executor: Executor) => metrics.around(services.around(executor)),
      onDrive(workflow, ended) {
        const end = services.use(workflow.services.values());
        ended.then(end, end);
      },
    },
    artifacts: createArtifacts({ dataDirs, clock }),
    services,
    metrics,
    async system() {
      const cluster = await readCluster();
      return {
        version: BUSBAR_VERSION,
        node_version: process.version,
        pid: process.pid,
        host: hostname(),
        started_at: timestampOf(startedAtMs),
        uptime_s: Math.round((clock.monotonic() - startedMs) / 1000),
        journal_bytes: journalBytes(),
        retention,
        runs: runs(),
        ...(cluster === undefined ? {} : { cluster }),
        event_loop_delay: monitor.read(),
        memory_bytes: process.memoryUsage.rss(),
      };
    },
    async close() {
      monitor.stop();
      await services.close();
    },
  };
}

/** The client of services is loaded when the first of them is looked at. */
function createLateProbe(shared: Shared): ServiceProbe {
  const load = lazily(async () => {
    const { createServiceProbe } = await import("../../adapters/executor-grpc/service-probe.ts");
    return createServiceProbe(shared);
  });
  return {
    check: async (service, signal) => (await load()).check(service, signal),
    follow: async (service, onReport, signal) => (await load()).follow(service, onReport, signal),
  };
}

/** 0 where it is not there: a journal without a write-ahead log. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
