import { resolve } from "node:path";
import type { ClusterPlace } from "../app/cluster.ts";
import { BusbarError } from "../kernel/errors.ts";
import { quoteWord } from "../kernel/quote-word.ts";
import type { Invocation } from "./command.ts";
import type { Values } from "./values.ts";

/** What runs can be driven by, in the words of --runtime. */
export const RUNTIMES: readonly string[] = ["local", "restate"];

/** Where runs are and what holds there, as the command line says it: what a command to be typed next has to say too. */
export interface GivenPlace {
  readonly stateDir?: string | undefined;
  readonly allowRemoteState?: boolean | undefined;
  readonly server?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly runtime?: string | undefined;
  readonly ingress?: string | undefined;
  readonly admin?: string | undefined;
  /** The host's policy, which a run that goes on is held against again. */
  readonly policy?: string | undefined;
  /** Of `busbar worker`: where it is registered, and as what; no place of runs. */
  readonly workerAdmin?: string | undefined;
  readonly advertise?: string | undefined;
}

/** Of a command with STATE_OPTIONS. */
export function givenStateOf(values: Values): GivenPlace {
  return { stateDir: values.text("state-dir"), allowRemoteState: values.flag("allow-remote-state") };
}

/** Of a command with PLACE_OPTIONS. */
export function givenPlaceOf(values: Values): GivenPlace {
  return {
    ...givenStateOf(values),
    server: values.text("server"),
    tokenFile: values.text("token-file"),
    runtime: values.text("runtime"),
    ingress: values.text("ingress"),
    admin: values.text("admin"),
    policy: values.declares("policy") ? values.text("policy") : undefined,
  };
}

/** Where the runs are that a command is about. */
export type RunPlace =
  | { readonly is: "directory" }
  | { readonly is: "server"; readonly url: string }
  | ({ readonly is: "cluster" } & ClusterPlace);

/** `in DIR`, `at URL`, `on the cluster at URL` */
export function describePlace(place: RunPlace, stateDir: string): string {
  if (place.is === "directory") return `in ${stateDir}`;
  return place.is === "server" ? `at ${place.url}` : `on the cluster at ${place.ingress}`;
}

type Asked = Pick<Invocation, "values" | "io">;

/**
 * What --server, --runtime or --state-dir says, of a command with PLACE_OPTIONS; then BUSBAR_SERVER or BUSBAR_RUNTIME.
 * @throws BusbarError USAGE
 */
export function placeOf(asked: Asked): RunPlace {
  const { values, io } = asked;
  const server = values.text("server");
  const runtime = values.text("runtime");
  if (server !== undefined && runtime !== undefined) {
    throw usage(`--server and --runtime ${runtime} name two places: give one of them`);
  }
  if (server !== undefined) {
    refuseClusterOptions(values);
    return { is: "server", url: server };
  }
  const isGiven = runtime !== undefined || values.text("state-dir") !== undefined;
  const envServer = isGiven ? undefined : envOf(io, "BUSBAR_SERVER");
  const cluster = clusterOf(asked, values.text("state-dir") === undefined);
  if (cluster !== undefined) {
    if (envServer !== undefined) {
      throw usage("BUSBAR_SERVER and BUSBAR_RUNTIME=restate name two places: unset one, or give --server or --runtime");
    }
    for (const name of ["state-dir", "token-file"]) {
      if (values.text(name) !== undefined) throw usage(`--${name} says nothing to a cluster: leave it out`);
    }
    if (values.flag("allow-remote-state")) throw usage("--allow-remote-state says nothing to a cluster: leave it out");
    return { is: "cluster", ...cluster };
  }
  return envServer === undefined ? { is: "directory" } : { is: "server", url: envServer };
}

/** The server whose runs a command is about, if it is one. @throws BusbarError USAGE */
export function serverOf(asked: Asked): string | undefined {
  const place = placeOf(asked);
  return place.is === "server" ? place.url : undefined;
}

/**
 * The cluster that --runtime restate says, then BUSBAR_RUNTIME; of a command with CLUSTER_OPTIONS.
 * @param byEnv whether the variable counts, where the option is not given
 * @throws BusbarError USAGE
 */
export function clusterOf({ values, io }: Asked, byEnv = true): ClusterPlace | undefined {
  const runtime = values.text("runtime") ?? (byEnv ? envOf(io, "BUSBAR_RUNTIME") : undefined) ?? "local";
  if (!RUNTIMES.includes(runtime)) {
    throw usage(`BUSBAR_RUNTIME is one of ${RUNTIMES.join(", ")}, not ${quoteWord(runtime)}`);
  }
  if (runtime === "local") {
    refuseClusterOptions(values);
    return undefined;
  }
  const ingress = values.text("ingress") ?? envOf(io, "BUSBAR_INGRESS");
  const admin = values.text("admin") ?? envOf(io, "BUSBAR_ADMIN");
  if (ingress !== undefined && admin !== undefined) return { ingress, admin };
  const missing = [
    ...(ingress === undefined ? ["--ingress (BUSBAR_INGRESS), as http://restate:8080"] : []),
    ...(admin === undefined ? ["--admin (BUSBAR_ADMIN), as http://restate:9070"] : []),
  ];
  throw usage(`where is the cluster? Give ${missing.join(", and ")}`);
}

/** What --logs-dir says, then BUSBAR_LOGS_DIR: the folder that the workers of a cluster share for what containers write. */
export function logsDirOf({ values, io }: Asked): string | undefined {
  const given = values.text("logs-dir") ?? envOf(io, "BUSBAR_LOGS_DIR");
  return given === undefined ? undefined : resolve(given);
}

function refuseClusterOptions(values: Values): void {
  const name = ["ingress", "admin"].find((one) => values.text(one) !== undefined);
  if (name !== undefined) throw usage(`--${name} is of a cluster: give --runtime restate too`);
}

function envOf({ env }: Pick<Invocation["io"], "env">, name: string): string | undefined {
  const value = env(name);
  return value === "" ? undefined : value;
}

function usage(message: string): BusbarError {
  return new BusbarError("USAGE", message);
}
