import { claimServer } from "../../adapters/journal-sqlite/server-lock.ts";
import type { Clock } from "../../kernel/clock.ts";
import { toErrorInfo } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { AuditLog, TokenStore } from "../../ports/access.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { WorkflowLibrary } from "../../ports/workflow-library.ts";
import type { WorkflowStats } from "../../ports/workflow-stats.ts";
import type { HostPolicy } from "../../workflow/policy/policy.ts";
import { readPolicy } from "../../workflow/policy/read-policy.ts";
import { type Owner, type OwnerOptions, openOwner, warn } from "../busbar.ts";
import { createShared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";
import { announceServer } from "./announcement.ts";
import { keepOwnToken } from "./own-token.ts";
import { recoverRuns } from "./recover-runs.ts";
import { DEFAULT_RETENTION, type RetentionLimits, retainRuns } from "./retention.ts";
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
}

/** A state directory that is open for a server. */
export interface ServerHost {
  readonly runs: Owner;
  /** Who may use the server. */
  readonly tokens: TokenStore;
  /** Who did what. */
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly onTrouble: (trouble: unknown) => void;
  readonly version: string;
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

/** Services may come up with this machine. */
const RECOVERY_PREFLIGHT: PreflightOptions = { timeoutMs: 5_000, waitMs: 60_000 };

/**
 * Opens a state directory as its server.
 * @throws BusbarError JOURNAL_…
 */
export async function openServer(serverOptions: ServerOptions): Promise<ServerHost> {
  const { secrets, policy, retention, maxRuns = DEFAULT_MAX_RUNS, workflows, ...options } = serverOptions;
  const shared = createShared(secrets, policy ?? readPolicy({}, "the server's default policy"));
  const runs = await openOwner({ ...options, origin: "server", queue: { maxRuns } }, shared);
  const unclaim = await claimFor(options.stateDir, runs);
  try {
    await keepOwnToken(options.stateDir, runs.tokens);
  } catch (thrown) {
    unclaim();
    await runs.close();
    throw thrown;
  }
  const { clock } = shared;
  const tell = (message: string): void => {
    runs.note("WARNING", message);
    options.onTrouble?.(new Error(message));
  };
  // Runs that waited before go before those that are made from now on.
  const release = runs.holdQueue();
  const recovery = recoverRuns({
    ...{ runs, clock, by: "busbar serve", preflight: RECOVERY_PREFLIGHT },
    onLeft({ code, message }, runId) {
      tell(runId === undefined ? `${code}: ${message}` : `run ${runId} is left interrupted: ${code}: ${message}`);
    },
  });
  void recovery.done.then(release);
  const retaining = retainRuns({
    ...{ limits: retention ?? DEFAULT_RETENTION, prune: runs.prune, clock },
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
  let forget: () => void = () => undefined;
  return {
    runs,
    tokens: runs.tokens,
    audit: runs.audit,
    clock: shared.clock,
    onTrouble: options.onTrouble ?? warn,
    version: BUSBAR_VERSION,
    deleteRun: runs.deleteRun,
    workflows: library,
    stats: createWorkflowStats({ readOutcomes: runs.readOutcomes, list: runs.list, clock }),
    isReady: recovery.hasLooked,
    isTakenUp: recovery.isWaiting,
    announce(url) {
      forget = announceServer(options.stateDir, url);
    },
    async letGo(graceMs) {
      recovery.stop();
      // What it is about to delete may take longer than the calls; the journal's end cuts it off between two steps.
      void retaining.stop();
      await runs.letGo({ graceMs });
      await recovery.done;
    },
    async close() {
      forget();
      recovery.stop();
      void retaining.stop();
      await library.close();
      await runs.close();
      unclaim();
    },
  };
}

/** @throws BusbarError SERVER_RUNNING */
async function claimFor(stateDir: string, runs: Owner): Promise<() => void> {
  try {
    return claimServer(stateDir);
  } catch (thrown) {
    await runs.close();
    throw thrown;
  }
}
