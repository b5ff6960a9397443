import { setTimeout } from "node:timers/promises";
import { type Admin, createAdmin, type Deployment, sqlText } from "../adapters/restate/admin.ts";
import { createHttpTools } from "../adapters/restate/http.ts";
import { RUN_OBJECT, VERSION_METADATA } from "../adapters/restate/names.ts";
import type { Clock } from "../kernel/clock.ts";
import { BusbarError } from "../kernel/errors.ts";
import { readClusterUrl } from "./cluster-url.ts";
import { BUSBAR_VERSION } from "./version.ts";

export interface RegisterOptions {
  /** Of Restate's admin API: `http://restate:9070`. */
  readonly admin: string;
  /** Where Restate reaches workers, all of one version: `http://workers:9080`. */
  readonly advertise: string;
  /** Has Restate ask again what is at an address that it knows. */
  readonly force?: boolean;
  /** How long it is tried while Restate, or the workers for it, cannot be reached. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Told once why it is tried again. */
  readonly onWaiting: (why: string) => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Tells Restate of workers at an address. It keeps that: once is enough for all workers there.
 * @returns whether new runs go there; not where Restate knows the address, and was told of another after it
 * @throws BusbarError USAGE; CLUSTER_UNREACHABLE, CLUSTER_FAILED; CLUSTER_OTHER_VERSION; the signal's reason
 */
export async function registerWorkers(options: RegisterOptions, clock: Clock): Promise<boolean> {
  const { force = false, waitMs, signal, onWaiting } = options;
  const admin = readClusterUrl("the address of Restate's admin API,", options.admin, "http://restate:9070");
  const advertise = readClusterUrl("the address of the workers,", options.advertise, "http://workers:9080");
  const http = createHttpTools(clock);
  const until = clock.monotonic() + waitMs;
  let told = "";
  try {
    for (let nextMs = FIRST_WAIT_MS; ; nextMs = Math.min(nextMs * 2, LONGEST_WAIT_MS)) {
      signal.throwIfAborted();
      try {
        const api = createAdmin(admin, http);
        const deployment = await api.register(advertise, { force });
        refuseOtherVersion(deployment, advertise);
        return await areNewest(api, deployment);
      } catch (thrown) {
        const error = explain(thrown, admin, advertise);
        if (!mayChange(error) || clock.monotonic() + nextMs > until) throw error;
        if (error.message !== told) onWaiting(error.message);
        told = error.message;
      }
      await setTimeout(nextMs, undefined, { signal });
    }
  } finally {
    http.close();
  }
}

async function areNewest(api: Admin, { id, isNewest }: Deployment): Promise<boolean> {
  if (isNewest) return true;
  const rows = await api.query(`SELECT deployment_id FROM sys_service WHERE name = ${sqlText(RUN_OBJECT)}`);
  return rows.every(({ deployment_id }) => deployment_id === id);
}

/** Restate asks an address that it knows nothing, unless it is forced to. */
function refuseOtherVersion({ services }: Deployment, advertise: string): void {
  const known = services.find(({ metadata }) => metadata !== undefined && VERSION_METADATA in metadata);
  const version = known?.metadata?.[VERSION_METADATA];
  if (version === undefined || version === BUSBAR_VERSION) return;
  throw new BusbarError(
    "CLUSTER_OTHER_VERSION",
    `Restate knows workers of Busbar ${version} at ${advertise}, and this is ${BUSBAR_VERSION}`,
    { details: { known: version } },
  );
}

/** Its word for an address where it found no workers. */
const NOT_FOUND_THERE = "META0003";

/** How a worker answers what its keys have not signed, and how that is told here. */
const IS_REFUSED = /status code '401|refuse what Restate/;

function explain(thrown: unknown, admin: string, advertise: string): BusbarError {
  if (!(thrown instanceof BusbarError)) throw thrown;
  const { code, message, details } = thrown;
  if (!message.includes(NOT_FOUND_THERE)) return thrown;
  const why = IS_REFUSED.test(message)
    ? `workers at ${advertise} refuse what Restate at ${admin} has signed: their --identity-key is not that of its ` +
      'private key, of which its log says "Loaded request identity key"'
    : `Restate at ${admin} finds no workers at ${advertise} (${reasonIn(message)}): start \`busbar worker\` there, or mend --advertise`;
  return new BusbarError(code, why, { cause: thrown, details: { ...details, at: advertise } });
}

function reasonIn(message: string): string {
  return (
    /(?:\[META0003\]\s*)+(?:error when calling '[^']*': )?([^"]*?)(?:\. Response headers.*)?"?[,}]/s.exec(
      message,
    )?.[1] ?? message
  );
}

/** Restate, or the workers, may still be on their way; a signature that is refused stays so. */
function mayChange({ code, details, message }: BusbarError): boolean {
  if (code === "CLUSTER_UNREACHABLE") return true;
  return code === "CLUSTER_FAILED" && Number(details?.status ?? 0) >= 500 && !IS_REFUSED.test(message);
}
