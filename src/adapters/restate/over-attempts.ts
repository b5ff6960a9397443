import type { AttemptOnCluster } from "../../ports/executor.ts";
import type { Admin } from "./admin.ts";
import { selectHeadsOf, selectUnderWay } from "./stored-runs.ts";

/**
 * Those attempts of runs of this cluster that Restate asks nobody for any more. Those of other clusters' runs, and of
 * runs that are not there, are none.
 */
export async function selectOverAttempts(
  admin: Admin,
  attempts: readonly AttemptOnCluster[],
): Promise<readonly AttemptOnCluster[]> {
  const found = await selectHeadsOf(admin, [...new Set(attempts.map(({ runId }) => runId))]);
  const identities = new Map(found.map((one) => [one.runId, "head" in one ? one.head.identity : undefined]));
  const ours = attempts.filter(({ runId, cluster }) => identities.get(runId) === cluster.run);
  const underWay = await selectUnderWay(
    admin,
    ours.map(({ cluster }) => cluster.call),
  );
  return ours.filter(({ cluster }) => !underWay.has(cluster.call));
}
