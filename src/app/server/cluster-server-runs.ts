import { hostname } from "node:os";
import { openSqliteJournal } from "../../adapters/journal-sqlite/journal.ts";
import { claimServer } from "../../adapters/journal-sqlite/server-lock.ts";
import { openLogFile } from "../../adapters/log-file/log-file.ts";
import { createAdmin } from "../../adapters/restate/admin.ts";
import { readClusterFacts } from "../../adapters/restate/facts.ts";
import { createHttpTools } from "../../adapters/restate/http.ts";
import { createIngress } from "../../adapters/restate/ingress.ts";
import { createClusterOutcomes } from "../../adapters/restate/outcomes.ts";
import { createClusterRequester } from "../../adapters/restate/requester.ts";
import { createUnfinishedRuns } from "../../adapters/restate/unfinished.ts";
import { createSystemIds } from "../../adapters/system/ids.ts";
import { createSystemRandom } from "../../adapters/system/random.ts";
import { describeFailure } from "../../kernel/describe-failure.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import { createClusterRetention } from "../../runtimes/cluster/prune.ts";
import { createRunTurns } from "../../runtimes/cluster/run-turns.ts";
import { createClusterRuntime } from "../../runtimes/cluster/runtime.ts";
import { loadRun } from "../../runtimes/shared/load.ts";
import { prune, pruneRun } from "../../runtimes/shared/prune.ts";
import { type OwnerOptions, warn } from "../busbar.ts";
import { type ClusterPlace, readClusterPlace } from "../cluster.ts";
import { readLogsIn } from "../run-logs.ts";
import type { Shared } from "../shared.ts";
import { BUSBAR_VERSION } from "../version.ts";
import { followFeed } from "./follow-feed.ts";
import { keepOwnToken } from "./own-token.ts";
import { type ServerRuns, tellBy } from "./server-runs.ts";

export interface ServedCluster extends ClusterPlace {
  /** The folder that its workers share for what containers write; left out, whoever asks for that is told where it is. */
  readonly logsDir?: string;
}

export interface ClusterServerRunsOptions
  extends Pick<
    OwnerOptions,
    "stateDir" | "allowRemoteState" | "logDir" | "nodeName" | "onTrouble" | "observers" | "onDrive"
  > {
  readonly cluster: ServedCluster;
  readonly maxRuns: number;
}

/** Whoever asks the server is told that the cluster is away, and asks again. */
const AWAY_MS = 3_000;

/**
 * Opens a state directory as that of a server whose runs a cluster drives: who may use it and who did what stands here,
 * the runs stand there and go on without it.
 * @throws BusbarError SERVER_RUNNING, JOURNAL_…, CLUSTER_…
 */
export async function openClusterServerRuns(options: ClusterServerRunsOptions, shared: Shared): Promise<ServerRuns> {
  const { maxRuns, observers = [], onDrive, onTrouble = warn } = options;
  const cluster = readClusterPlace(options.cluster);
  const { logsDir } = options.cluster;
  const { clock, definitions, policy } = shared;
  const http = createHttpTools(clock, undefined, AWAY_MS);
  const admin = createAdmin(cluster.admin, http);
  const ingress = createIngress(cluster.ingress, http);
  const access = await openAccess(options, shared);
  const log = openLog(options, shared, onTrouble);
  const note: ServerRuns["note"] = (level, message) =>
    log?.note({ timestamp: timestampOf(clock.now()), level, message });
  const tell = tellBy(note, onTrouble);
  const closeAll = async (): Promise<void> => {
    http.close();
    log?.close();
    await access.close();
  };
  try {
    const { workers } = await readClusterFacts(admin, ingress, http);
    if (workers.length === 0) tell("no worker of Busbar is registered in the cluster yet: nothing can be started");
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
  const journal = createClusterRequester(ingress, admin, clock);
  let adopting: Promise<unknown> = Promise.resolve();
  const turns = createRunTurns({
    ...{ maxRuns, clock, runs: createUnfinishedRuns(ingress, admin) },
    onTrouble: (trouble) => tell(`the queue of runs: ${describeFailure(trouble)}; looking again`),
    onDrive(runId, workflow, ended) {
      if (workflow !== undefined) return onDrive?.(workflow, ended);
      // Which services it needs is of use while it goes on; where it cannot be read, it is told of without.
      adopting = adopting
        .then(() => loadRun(journal, definitions.read, runId))
        .then(({ state }) => onDrive?.(state.workflow, ended))
        .catch(() => undefined);
    },
  });
  const runtime = createClusterRuntime({
    ...{ ingress, admin, clock, turns },
    random: createSystemRandom(),
    ids: createSystemIds(),
    busbarVersion: BUSBAR_VERSION,
    readDefinition: definitions.read,
    origin: "server",
    noteStart: access.audit.add,
    ...(logsDir === undefined ? {} : { logs: readLogsIn(logsDir, shared) }),
    ...(policy === undefined ? {} : { policy }),
  });
  const pruning = {
    journal: { ...journal, ...createClusterRetention(ingress, admin) },
    logs: logsDir === undefined ? NO_LOGS : readLogsIn(logsDir, shared),
    clock,
  };
  const following = followFeed({
    ...{ runs: runtime, clock },
    observers: log === undefined ? observers : [log.write, ...observers],
    onTrouble: (trouble) => tell(`the feed of the cluster: ${describeFailure(trouble)}; following again`),
  });
  return {
    ...runtime,
    ...createClusterOutcomes(admin),
    tokens: access.tokens,
    audit: access.audit,
    note,
    deleteRun: (runId) => pruneRun(pruning, runId),
    prune: (pruneOptions, onDamage) => prune({ ...pruning, onDamage }, pruneOptions),
    queue() {
      const { running, waiting } = turns.facts();
      return { running, waiting, max_runs: maxRuns };
    },
    async readCluster() {
      // It is told of all the same.
      const facts = await readClusterFacts(admin, ingress, http).catch(() => undefined);
      return { ingress: cluster.ingress, admin: cluster.admin, ...facts };
    },
    isReady: () => true,
    isTakenUp: () => false,
    async letGo() {
      await turns.close();
    },
    async close() {
      await following.stop();
      await turns.close();
      runtime.close();
      await closeAll();
    },
  };
}

/** Whoever keeps what containers wrote on hosts of workers sees to it there. */
const NO_LOGS = { remove: async () => {}, size: async () => 0 };

/** Tokens and audit log of the state directory, of which one at a time is a server. */
async function openAccess(
  { stateDir, allowRemoteState = false }: Pick<OwnerOptions, "stateDir" | "allowRemoteState">,
  { clock }: Shared,
) {
  const journal = await openSqliteJournal({
    ...{ stateDir, clock, allowRemoteState, pid: process.pid, host: hostname() },
    ids: createSystemIds(),
    busbarVersion: BUSBAR_VERSION,
  });
  let unclaim: () => void = () => undefined;
  const close = async (): Promise<void> => {
    unclaim();
    await journal.close();
  };
  try {
    unclaim = claimServer(stateDir);
    await keepOwnToken(stateDir, journal.tokens);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return { tokens: journal.tokens, audit: journal.audit, close };
}

function openLog(
  { logDir, nodeName = hostname() }: Pick<OwnerOptions, "logDir" | "nodeName">,
  { clock, secrets }: Shared,
  onTrouble: (trouble: unknown) => void,
) {
  if (logDir === undefined) return undefined;
  return openLogFile({
    ...{ folder: logDir, node: nodeName, mask: secrets.mask, nowIso: () => timestampOf(clock.now()) },
    onTrouble: (cause) =>
      onTrouble(
        new Error(`the log file in ${logDir} cannot be written: ${describeFailure(cause)}; going on without it`),
      ),
  });
}
