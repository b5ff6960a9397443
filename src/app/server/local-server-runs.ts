import { claimServer } from "../../adapters/journal-sqlite/server-lock.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { SystemView } from "../../ports/system.ts";
import { type Owner, type OwnerOptions, openOwner } from "../busbar.ts";
import type { Shared } from "../shared.ts";
import { keepOwnToken } from "./own-token.ts";
import { recoverRuns } from "./recover-runs.ts";
import { type ServerRuns, tellBy } from "./server-runs.ts";

/** Services may come up with this machine. */
const RECOVERY_PREFLIGHT: PreflightOptions = { timeoutMs: 5_000, waitMs: 60_000 };

export interface LocalServerRunsOptions extends Omit<OwnerOptions, "origin" | "queue"> {
  readonly maxRuns: number;
}

/**
 * Opens a state directory as the owner of its runs, of which one at a time is a server, and takes up what an earlier one
 * has left.
 * @throws BusbarError SERVER_RUNNING, JOURNAL_…
 */
export async function openLocalServerRuns(
  { maxRuns, ...options }: LocalServerRunsOptions,
  shared: Shared,
): Promise<ServerRuns> {
  const { runs, unclaim } = await openOwned({ ...options, queue: { maxRuns }, origin: "server" }, shared);
  // Runs that waited before go before those that are made from now on.
  const release = runs.holdQueue();
  const { clock } = shared;
  const tell = tellBy(runs.note, options.onTrouble);
  const recovery = recoverRuns({
    ...{ runs, clock, by: "busbar serve", preflight: RECOVERY_PREFLIGHT },
    onLeft({ code, message }, runId) {
      tell(runId === undefined ? `${code}: ${message}` : `run ${runId} is left interrupted: ${code}: ${message}`);
    },
  });
  void recovery.done.then(release);
  return {
    ...runs,
    queue: () => queueOf(runs),
    isReady: recovery.hasLooked,
    isTakenUp: recovery.isWaiting,
    async letGo(graceMs) {
      recovery.stop();
      await runs.letGo({ graceMs });
      await recovery.done;
    },
    async close() {
      recovery.stop();
      await runs.close();
      unclaim();
    },
  };
}

async function openOwned(
  options: OwnerOptions,
  shared: Shared,
): Promise<{ readonly runs: Owner; readonly unclaim: () => void }> {
  const { stateDir } = options;
  const runs = await openOwner(options, shared);
  let unclaim: () => void = () => undefined;
  try {
    unclaim = claimServer(stateDir);
    await keepOwnToken(stateDir, runs.tokens);
    return { runs, unclaim };
  } catch (thrown) {
    unclaim();
    await runs.close();
    throw thrown;
  }
}

function queueOf(runs: Owner): SystemView["runs"] {
  const { running = 0, waiting = 0, maxRuns } = runs.queueFacts() ?? {};
  return { running, waiting, ...(maxRuns === undefined ? {} : { max_runs: maxRuns }) };
}
