import { createAdmin } from "../adapters/restate/admin.ts";
import { createHttpTools } from "../adapters/restate/http.ts";
import { createIngress } from "../adapters/restate/ingress.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { createSystemRandom } from "../adapters/system/random.ts";
import type { RunOrigin } from "../ports/run-facts.ts";
import { type ClusterRuntime, createClusterRuntime } from "../runtimes/cluster/runtime.ts";
import { readClusterUrl } from "./cluster-url.ts";
import { readLogsIn } from "./run-logs.ts";
import type { Shared } from "./shared.ts";
import { BUSBAR_VERSION } from "./version.ts";

/** Where a cluster is. */
export interface ClusterPlace {
  /** Of Restate's ingress: `http://restate:8080`. */
  readonly ingress: string;
  /** Of its admin API: `http://restate:9070`. */
  readonly admin: string;
}

export interface ClusterOptions extends ClusterPlace {
  /** Who starts runs through it. */
  readonly origin: RunOrigin;
  /** The folder that its workers share for what containers write; left out, `logs` tells where that is. */
  readonly logsDir?: string;
  /** Told when the cluster is away, which is survived for a while. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** @throws BusbarError USAGE */
export function readClusterPlace({ ingress, admin }: ClusterPlace): ClusterPlace {
  return {
    ingress: readClusterUrl("the address of Restate's ingress,", ingress, "http://restate:8080"),
    admin: readClusterUrl("the address of Restate's admin API,", admin, "http://restate:9070"),
  };
}

/** The runs of a cluster. */
export interface OpenCluster extends Omit<ClusterRuntime, "close"> {
  /** Ends what is being watched. Runs go on. */
  close(): Promise<void>;
}

/**
 * Opens the runs of a cluster. Nothing is sent before something is asked of it.
 * @throws BusbarError USAGE
 */
export function openCluster({ origin, logsDir, onTrouble, ...place }: ClusterOptions, shared: Shared): OpenCluster {
  const { ingress, admin } = readClusterPlace(place);
  const { clock, definitions, policy } = shared;
  const http = createHttpTools(clock, onTrouble);
  const runtime = createClusterRuntime({
    ingress: createIngress(ingress, http),
    admin: createAdmin(admin, http),
    clock,
    random: createSystemRandom(),
    ids: createSystemIds(),
    busbarVersion: BUSBAR_VERSION,
    readDefinition: definitions.read,
    origin,
    ...(logsDir === undefined ? {} : { logs: readLogsIn(logsDir, shared) }),
    ...(policy === undefined ? {} : { policy }),
  });
  return {
    ...runtime,
    async close() {
      runtime.close();
      http.close();
    },
  };
}
