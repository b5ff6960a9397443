import { createSystemIds } from "../adapters/system/ids.ts";
import { listenForRestate } from "../runtimes/cluster/worker/endpoint.ts";
import type { Executors } from "../runtimes/shared/executors.ts";
import { warn } from "./busbar.ts";
import { closeExecutors, createExecutors } from "./executors.ts";
import type { Shared } from "./shared.ts";

export interface WorkerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Restate's public keys (`publickeyv1_…`): requests that none of them has signed are answered with 401. */
  readonly identityKeys?: readonly string[];
  /** Own executors by the kind of node that they run, instead of Busbar's. They stay the caller's to close. */
  readonly executors?: Executors;
  /** Told of what attempts survive. Default: a process warning. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** A process that drives runs and makes attempts for a cluster. */
export interface Worker {
  readonly port: number;
  /** Takes nothing more, and ends what it has begun: other workers go on with it. */
  close(): Promise<void>;
}

/** Serves Restate, which tells it what to do once it knows the address ({@link registerWorkers}). */
export async function startWorker(options: WorkerOptions, shared: Shared): Promise<Worker> {
  const { executors: own, onTrouble = warn, ...endpoint } = options;
  const { clock, secrets, definitions } = shared;
  const ours = createExecutors({ ...shared, ids: createSystemIds() });
  const listening = await listenForRestate({
    ...endpoint,
    executors: { ...ours, ...own },
    clock,
    secrets,
    readDefinition: definitions.read,
    onTrouble,
  });
  return {
    port: listening.port,
    async close() {
      await listening.close();
      await closeExecutors(ours);
    },
  };
}
