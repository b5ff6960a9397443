import { type ConnectionInjector, Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { ContainerExecutor, file_energy_pipeline } from "../gen/energy_pipeline_pb.ts";
import { file_grpc_reflection_v1_reflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import { file_grpc_reflection_v1alpha_reflection } from "../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { file_health_v1_health } from "../gen/health/v1/health_pb.ts";
import { requireBoolean, requireMs } from "../kernel/arguments.ts";
import { BusbarError } from "../kernel/errors.ts";
import { reasonOf } from "../kernel/thrown.ts";
import { addExecute } from "./calls.ts";
import { defaultFailure } from "./execute.ts";
import { addHealth } from "./health.ts";
import { joinAddress, listen, withoutBrackets } from "./listen.ts";
import { createJsonLog, shieldLog } from "./log.ts";
import { requireOptions, type ServeOptions } from "./options.ts";
import { addReflection } from "./reflection.ts";
import { endBySignal, onSignals } from "./signals.ts";

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
/** Node takes a longer time for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Starts a pipeline service: ContainerExecutor, health (`""` and
 * `ContainerExecutor`), reflection, graceful stop, JSON logs.
 *
 * @throws BusbarError ADDRESS_UNAVAILABLE where it cannot listen; USAGE
 */
export async function serve(options: ServeOptions): Promise<RunningService> {
  requireOptions(options);
  const { name, drainMs = 10_000, maxMessageBytes = 4 * 1024 * 1024 } = options;
  const host = withoutBrackets(options.host ?? "127.0.0.1");
  const log = shieldLog(options.log ?? createJsonLog(name));
  const server = new Server(toChannelOptions(options, maxMessageBytes));
  const calls = addExecute(server, {
    name,
    execute: options.execute,
    describeFailure: options.describeFailure ?? ((reason) => defaultFailure(name, reason)),
    allowEmptyPaths: options.allowEmptyPaths ?? false,
    maxConcurrency: options.maxConcurrency ?? Number.POSITIVE_INFINITY,
    maxMessageBytes,
    interceptor: options.interceptor,
    log,
  });
  const health = addHealth(server, ["", ContainerExecutor.typeName]);
  addReflection(server, [
    file_energy_pipeline,
    file_health_v1_health,
    file_grpc_reflection_v1_reflection,
    file_grpc_reflection_v1alpha_reflection,
  ]);
  const injector = openInjector(server, options.credentials);
  const listening = await listen(injector, name, { host, port: options.port }).catch((error) => {
    server.forceShutdown();
    throw error;
  });
  const { port } = listening;
  const address = joinAddress(host, port);
  log.info(`listening on ${address}`);

  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  let closing = false;
  let signalledAt = Number.NEGATIVE_INFINITY;
  let insisted: NodeJS.Signals | undefined;
  const close = async (graceMs: number) => {
    closing = true;
    health.shutDown();
    const drained = calls.drain();
    await within(graceMs, drained, hurried);
    calls.abort();
    await within(ABORT_GRACE_MS, drained);
    calls.abandon();
    listening.stop();
    const parted = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await within(PART_GRACE_MS, parted, hurried);
    server.forceShutdown();
    await listening.part(PART_GRACE_MS);
    stopHearing();
    log.info("stopped");
    resolveClosed();
    if (insisted !== undefined) endBySignal(insisted);
  };
  const stopHearing = onSignals(options.signals ?? ["SIGTERM", "SIGINT"], (signal) => {
    if (closing) {
      if (performance.now() - signalledAt <= ECHO_MS) return;
      insisted = signal;
      hurry();
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
    setServing(serving) {
      requireBoolean("serving", serving);
      health.setServing(serving);
    },
    async close(graceMs = drainMs) {
      requireMs("drainMs", graceMs);
      if (!closing) void close(graceMs);
      return closed;
    },
    closed,
  };
}

function toChannelOptions(options: ServeOptions, maxMessageBytes: number): ServerOptions {
  const { keepaliveTimeMs, keepaliveTimeoutMs } = options;
  return {
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": maxMessageBytes,
    ...(keepaliveTimeMs === undefined ? {} : { "grpc.keepalive_time_ms": keepaliveTimeMs }),
    ...(keepaliveTimeoutMs === undefined ? {} : { "grpc.keepalive_timeout_ms": keepaliveTimeoutMs }),
  };
}

/** @throws BusbarError USAGE where the credentials cannot be used */
function openInjector(server: Server, credentials = ServerCredentials.createInsecure()): ConnectionInjector {
  try {
    return server.createConnectionInjector(credentials);
  } catch (cause) {
    throw new BusbarError("USAGE", `options.credentials cannot be used: ${reasonOf(cause)}`, { cause });
  }
}

/** Waits for one of the promises, but not longer than `ms`. */
async function within(ms: number, ...promises: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
  });
  await Promise.race([over, ...promises]);
  clearTimeout(timer);
}
