import { createRunLogs } from "../adapters/run-logs/run-logs.ts";
import { createSystemIds } from "../adapters/system/ids.ts";
import { listenForRestate } from "../runtimes/cluster/worker/endpoint.ts";
import type { Executors } from "../runtimes/shared/executors.ts";
import { warn } from "./busbar.ts";
import { closeExecutors, createExecutors } from "./executors.ts";
import type { Shared } from "./shared.ts";
import { createStraySweep } from "./sweep-strays.ts";
import { BUSBAR_VERSION } from "./version.ts";

export interface WorkerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Restate's public keys (`publickeyv1_…`): requests that none of them has signed are answered with 401. */
  readonly identityKeys?: readonly string[];
  /** Where what containers write is kept; dropped if left out. */
  readonly logsDir?: string;
  /** Restate's admin API: `http://restate:9070`. Left out, containers that nobody waits for are not looked for. */
  readonly admin?: string;
  /** Own executors by the kind of node that they run, instead of Busbar's. They stay the caller's to close. */
  readonly executors?: Executors;
  /** How long a drive that waits stays in memory until Restate suspends it; 2,000, if left out. */
  readonly driveInactivityMs?: number;
  /** How long a connection of Restate brings new work, until it makes another; 30,000, if left out. */
  readonly connectionMs?: number;
  /** Told of what attempts survive. Default: a process warning. */
  readonly onTrouble?: (trouble: unknown) => void;
}

/** A process that drives runs and makes attempts for a cluster. */
export interface Worker {
  readonly port: number;
  /** Ends containers on this machine that nobody in the cluster waits for any more: in the background. */
  sweep(): void;
  /**
   * Takes nothing more, and lets attempts go on for a while. What is under way then is left to other workers.
   * @param graceMs how long attempts may go on
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves Restate, which tells it what to do once it knows the address (register-workers.ts).
 * @throws BusbarError ADDRESS_UNAVAILABLE; USAGE for an identity key that is none
 */
export async function startWorker(options: WorkerOptions, shared: Shared): Promise<Worker> {
  const { executors: own, logsDir, admin, onTrouble = warn, ...endpoint } = options;
  const { clock, secrets, definitions } = shared;
  const strays = admin === undefined ? undefined : createStraySweep(admin, shared, onTrouble);
  const sweep = (): void => strays?.begin();
  const ours = createExecutors({ ...shared, ids: createSystemIds() });
  const listening = await listenForRestate({
    ...endpoint,
    executors: { ...ours, ...own },
    clock,
    secrets,
    readDefinition: definitions.read,
    busbarVersion: BUSBAR_VERSION,
    ...(logsDir === undefined ? {} : { logs: createRunLogs({ folder: logsDir, clock, secrets, onTrouble }) }),
    onLeft: sweep,
    onTrouble,
  });
  return {
    port: listening.port,
    sweep,
    async close(graceMs) {
      await listening.close(graceMs);
      await Promise.all([closeExecutors(ours), strays?.close()]);
    },
  };
}
