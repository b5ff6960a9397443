import { type ClusterPlace, type OpenCluster, openCluster } from "../app/cluster.ts";
import type { Invocation } from "./command.ts";
import { type BeginElsewhere, driveElsewhere } from "./drive-elsewhere.ts";
import { describeTrouble, type State } from "./state.ts";

/**
 * Lets the workers of a cluster drive a run, and shows it.
 * @returns the exit code
 */
export function driveOnCluster(
  invocation: Invocation,
  place: ClusterPlace,
  state: State,
  begin: BeginElsewhere<OpenCluster>,
): Promise<number> {
  return driveElsewhere(invocation, state, begin, {
    where: `on the cluster at ${place.ingress}`,
    whenBack: "there; once the cluster answers again",
    isAway: (code) => code.startsWith("CLUSTER_"),
    open: async (warn) => {
      const onTrouble = (trouble: unknown): void => warn(`${describeTrouble(trouble)}; trying again`);
      return openCluster({ ...place, origin: "cli", onTrouble }, state.shared);
    },
  });
}
