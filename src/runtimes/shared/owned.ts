import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { RunRecord } from "../../ports/journal.ts";
import type { ClusterOwner } from "../../ports/owner.ts";
import type { LocalRuns } from "./local-runs.ts";

export function ownedByThisProcess(runId: string): BusbarError {
  return new BusbarError("RUN_OWNED", `run ${runId} is being driven by this process`, { details: { run_id: runId } });
}

/** @throws BusbarError RUN_OWNED */
export async function refuseDrivenHere(runId: string, local: Pick<LocalRuns, "driverOf">): Promise<void> {
  const driver = local.driverOf(runId);
  // An observer that is told of the end may go on with the run at once.
  if (driver?.hasEnded() === true) await driver.ended;
  if (local.driverOf(runId) !== undefined) throw ownedByThisProcess(runId);
}

function ownedByCluster(runId: string, { id, cluster, startedAt }: ClusterOwner): BusbarError {
  return new BusbarError("RUN_OWNED", `run ${runId} is being driven by the cluster at ${cluster}, since ${startedAt}`, {
    details: { run_id: runId, cluster, invocation: id, started_at: startedAt },
  });
}

/**
 * An owner that lives but has no driver for the run is this process, which let go of it.
 * @throws BusbarError RUN_OWNED
 */
export function refuseLiveOwner(run: RunRecord, local: Pick<LocalRuns, "owns">): void {
  const { runId, summary, owner } = run;
  if (isTerminalRun(summary.status) || !owner.alive || local.owns(run)) return;
  if ("cluster" in owner) throw ownedByCluster(runId, owner);
  throw new BusbarError(
    "RUN_OWNED",
    `run ${runId} is being driven by process ${owner.pid} on ${owner.host}, started ${owner.startedAt}`,
    { details: { run_id: runId, pid: owner.pid, host: owner.host, started_at: owner.startedAt } },
  );
}
