import type { Clock } from "../../kernel/clock.ts";
import { toErrorInfo } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { AuditLog, TokenStore } from "../../ports/access.ts";
import type { Dashboard } from "../../ports/dashboard.ts";
import type { WorkflowLibrary } from "../../ports/workflow-library.ts";
import type { WorkflowStats } from "../../ports/workflow-stats.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { type OwnerOptions, warn } from "../busbar.ts";
import { createShared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";
import { announceServer } from "./announcement.ts";
import { openClusterServerRuns, type ServedCluster } from "./cluster-server-runs.ts";
import { createDashboardFiles } from "./dashboard-files.ts";
import { openLocalServerRuns } from "./local-server-runs.ts";
import { createNamedServices } from "./named-services.ts";
import { DEFAULT_RETENTION, type RetentionLimits, retainRuns } from "./retention.ts";
import { type ServerRuns, tellBy } from "./server-runs.ts";
import { createSurroundings, type DataDir, type Surroundings } from "./surroundings.ts";
import { tellBroken } from "./tell-broken.ts";
import { openServerLibrary } from "./workflow-library.ts";
import { createWorkflowStats } from "./workflow-stats.ts";

/** Where a server keeps its runs, and what it allows. */
export interface ServerOptions
  extends Pick<OwnerOptions, "stateDir" | "allowRemoteState" | "logDir" | "nodeName" | "onTrouble"> {
  readonly secrets: Secrets;
  /** Runs that go on at once. Left out: {@link DEFAULT_MAX_RUNS}. */
  readonly maxRuns?: number;
  /** Left out: nothing but services at ordinary addresses. */
  readonly policy?: HostPolicy;
  /** Left out: {@link DEFAULT_RETENTION}. */
  readonly retention?: RetentionLimits;
  /** The directory of workflow files. Default: `workflows` in the state directory. */
  readonly workflows?: string;
  /** Where the files are that nodes name. Left out: none of them is shown. */
  readonly dataDirs?: readonly DataDir[];
  /** What drives the runs. Left out: this process. */
  readonly cluster?: ServedCluster;
}

/** A state directory that is open for a server. */
export interface ServerHost extends Pick<Surroundings, "artifacts" | "services" | "metrics" | "system"> {
  /** The pages of the server. */
  readonly dashboard: Dashboard;
  readonly runs: ServerRuns;
  /** Who may use the server. */
  readonly tokens: TokenStore;
  /** Who did what. */
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly onTrouble: (trouble: unknown) => void;
  readonly version: string;
  readonly countRuns: ServerRuns["countRuns"];
  readonly deleteRun: (runId: string) => Promise<boolean>;
  readonly workflows: WorkflowLibrary;
  readonly stats: WorkflowStats;
  readonly isReady: () => boolean;
  /** Whether the run is about to be taken up, if nobody drives it. */
  readonly isTakenUp: (runId: string) => boolean;
  /** Tells commands of this machine where it listens, until it is closed. */
  announce(url: string): void;
  /**
   * Starts nothing from now on, and lets go of the runs once their calls have ended or the time is over. What there is
   * can be read still.
   */
  letGo(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export const DEFAULT_MAX_RUNS = 16;

/**
 * Opens a state directory as its server.
 * @throws BusbarError JOURNAL_…; CLUSTER_… where the cluster that is to drive the runs cannot be reached
 */
export async function openServer(serverOptions: ServerOptions): Promise<ServerHost> {
  const { secrets, policy, retention, maxRuns = DEFAULT_MAX_RUNS, workflows, ...rest } = serverOptions;
  const { dataDirs = [], cluster, ...options } = rest;
  const shared = createShared(
    secrets,
    policy ?? readPolicy({}, "the server's policy (it was started without --policy)"),
  );
  const { clock } = shared;
  const limits = retention ?? DEFAULT_RETENTION;
  const around = createSurroundings({
    ...{ stateDir: options.stateDir, shared, dataDirs, retention: limits },
    named: () => named(),
    queue: () => runs.queue(),
    cluster: async () => runs.readCluster?.(),
  });
  const opened = { ...options, ...around.hooks, maxRuns };
  const opening =
    cluster === undefined ? openLocalServerRuns(opened, shared) : openClusterServerRuns({ ...opened, cluster }, shared);
  const runs = await opening.catch(async (thrown) => {
    await around.close();
    throw thrown;
  });
  const tell = tellBy(runs.note, options.onTrouble);
  const retaining = retainRuns({
    ...{ limits, prune: runs.prune, clock },
    onTrouble: ({ code, message }) => tell(`not all runs could be pruned: ${code}: ${message}`),
  });
  const library = openServerLibrary(
    {
      stateDir: options.stateDir,
      ...(workflows === undefined ? {} : { workflows }),
      onTrouble: (trouble) => tell(toErrorInfo(trouble).message),
    },
    shared,
  );
  tellBroken(library, tell);
  let forget: () => void = () => undefined;
  const named = createNamedServices(library, clock);
  const { artifacts, services, metrics, system } = around;
  return {
    dashboard: createDashboardFiles(),
    ...{ runs, artifacts, services, metrics, system, clock },
    tokens: runs.tokens,
    audit: runs.audit,
    onTrouble: options.onTrouble ?? warn,
    version: BUSBAR_VERSION,
    countRuns: runs.countRuns,
    deleteRun: runs.deleteRun,
    workflows: library,
    stats: createWorkflowStats({ readOutcomes: runs.readOutcomes, list: runs.list, clock }),
    isReady: runs.isReady,
    isTakenUp: runs.isTakenUp,
    announce(url) {
      forget = announceServer(options.stateDir, url);
    },
    async letGo(graceMs) {
      // What it is about to delete may take longer than the calls; the journal's end cuts it off between two steps.
      void retaining.stop();
      await runs.letGo(graceMs);
    },
    async close() {
      forget();
      void retaining.stop();
      await library.close();
      await runs.close();
      await around.close();
    },
  };
}
