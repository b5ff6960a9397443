import { constants } from "node:os";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ContainerExecutor, file_energy_pipeline } from "../gen/energy_pipeline_pb.ts";
import { file_grpc_reflection_v1_reflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { file_grpc_reflection_v1alpha_reflection } from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { file_health_v1_health } from "../gen/health/v1/health_pb.ts";
import {
  refuseArgument,
  requireBoolean,
  requireEach,
  requireFunction,
  requireIfGiven,
  requireMethods,
  requireMs,
  requireObject,
  requireWhole,
  requireWord,
} from "../kernel/arguments.ts";
import { BusbarError } from "../kernel/errors.ts";
import { trackConnections } from "./connections.ts";
import { addExecute, type Execute } from "./execute.ts";
import { addHealth } from "./health.ts";
import { createJsonLog, type ServiceLog } from "./log.ts";
import { addReflection } from "./reflection.ts";
import { onSignals } from "./signals.ts";

/** What a service is, and where and how it serves. */
export interface ServeOptions {
  /** In logs and failure messages. */
  readonly name: string;
  readonly execute: Execute;
  /** Where to listen; loopback if left out. `0.0.0.0` or `::` is every interface. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** TLS, from grpc-js; plaintext if left out. */
  readonly credentials?: ServerCredentials;
  /** The message of `success = false`; `[<name>] Failed to execute: <reason>` if left out. */
  readonly describeFailure?: (reason: string, error: unknown) => string;
  /** Lets requests with an empty path through to `execute`. */
  readonly allowEmptyPaths?: boolean;
  /** JSON lines on stderr if left out. */
  readonly log?: ServiceLog;
  /** What stops the service, a second one at once; SIGTERM and SIGINT if left out, none with an empty list. */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long calls in flight may take to end when the service stops; 10 s if left out. */
  readonly drainMs?: number;
}

/** A service that listens, until it is closed. */
export interface RunningService {
  readonly name: string;
  /** `host:port`, ready for a workflow file. */
  readonly address: string;
  readonly port: number;
  /** What health says, while the service runs: it can be up and not ready. */
  setServing(serving: boolean): void;
  /**
   * Says NOT_SERVING, refuses new calls, lets those in flight end for `drainMs`
   * (or the time given here), then aborts them, and closes every connection.
   */
  close(drainMs?: number): Promise<void>;
  /** Resolves when the service has closed, by `close` or by a signal. */
  readonly closed: Promise<void>;
}

/** How long aborted calls may take to clean up. */
const ABORT_GRACE_MS = 2000;
/** How long idle connections may take to part. */
const PART_GRACE_MS = 250;
/** Ctrl-C reaches a program under npm twice, from the terminal and from npm: that is one wish, not two. */
const ECHO_MS = 500;

/**
 * Starts a pipeline service: ContainerExecutor, health (`""` and
 * `ContainerExecutor`), reflection, graceful stop, JSON logs.
 *
 * @throws BusbarError ADDRESS_UNAVAILABLE where it cannot listen; USAGE
 */
export async function serve(options: ServeOptions): Promise<RunningService> {
  requireOptions(options);
  const { name, host = "127.0.0.1", drainMs = 10_000 } = options;
  const log = options.log ?? createJsonLog(name);
  const server = new Server({ "grpc.enable_channelz": 0 });
  const calls = addExecute(server, {
    name,
    execute: options.execute,
    describeFailure: options.describeFailure ?? ((reason) => `[${name}] Failed to execute: ${reason}`),
    allowEmptyPaths: options.allowEmptyPaths ?? false,
    log,
  });
  const health = addHealth(server, ["", ContainerExecutor.typeName]);
  addReflection(server, [
    file_energy_pipeline,
    file_health_v1_health,
    file_grpc_reflection_v1_reflection,
    file_grpc_reflection_v1alpha_reflection,
  ]);
  const port = await bind(server, name, host, options);
  const connections = trackConnections(port);
  const address = joinAddress(host, port);
  log.info(`listening on ${address}`);

  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  let closing = false;
  let signalledAt = 0;
  const close = async (graceMs: number) => {
    closing = true;
    health.shutDown();
    const drained = calls.drain();
    await within(graceMs, drained, hurried);
    calls.abort();
    await within(ABORT_GRACE_MS, drained);
    calls.abandon();
    const parted = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await within(PART_GRACE_MS, parted, hurried);
    server.forceShutdown();
    await connections.close(PART_GRACE_MS);
    stopListening();
    log.info("stopped");
    resolveClosed();
  };
  const stopListening = onSignals(options.signals ?? ["SIGTERM", "SIGINT"], (signal) => {
    if (closing) {
      if (performance.now() - signalledAt > ECHO_MS) hurry();
      return;
    }
    signalledAt = performance.now();
    log.info(`stopping on ${signal}`);
    void close(drainMs);
  });

  return {
    name,
    address,
    port,
    setServing: health.setServing,
    close(graceMs = drainMs) {
      if (!closing) void close(graceMs);
      return closed;
    },
    closed,
  };
}

/** @throws BusbarError USAGE */
function requireOptions(options: ServeOptions): void {
  requireObject("options", options, "an object {name, execute, port}");
  requireWord("options.name", options.name);
  requireFunction("options.execute", options.execute);
  requireWhole("options.port", options.port, 0, 65_535);
  requireIfGiven("options.host", options.host, requireWord);
  requireIfGiven("options.credentials", options.credentials, requireCredentials);
  requireIfGiven("options.describeFailure", options.describeFailure, requireFunction);
  requireIfGiven("options.allowEmptyPaths", options.allowEmptyPaths, requireBoolean);
  requireIfGiven("options.log", options.log, (at, log) => requireMethods(at, log, ["info", "warn", "error", "with"]));
  requireIfGiven("options.drainMs", options.drainMs, requireMs);
  const isSignal = (item: unknown): boolean => typeof item === "string" && Object.hasOwn(constants.signals, item);
  requireIfGiven("options.signals", options.signals, (at, list) =>
    requireEach(at, list, isSignal, "the name of a signal"),
  );
}

/** grpc-js takes no others. */
function requireCredentials(name: string, value: unknown): void {
  if (!(value instanceof ServerCredentials)) refuseArgument(name, "ServerCredentials of grpc-js", value);
}

function bind(server: Server, name: string, host: string, options: ServeOptions): Promise<number> {
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  const address = joinAddress(host, options.port);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) {
        resolve(port);
        return;
      }
      const reason = /errors: \[(.*)\]$/s.exec(error.message)?.[1] ?? error.message;
      reject(
        new BusbarError("ADDRESS_UNAVAILABLE", `${name} cannot listen on ${address}: ${reason}`, { cause: error }),
      );
    });
  });
}

function joinAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Waits for one of the promises, but not longer than `ms`. */
async function within(ms: number, ...promises: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([over, ...promises]);
  clearTimeout(timer);
}
