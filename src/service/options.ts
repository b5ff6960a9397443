import { ServerCredentials } from "@grpc/grpc-js";
import {
  type Check,
  type FieldChecks,
  optional,
  refuseArgument,
  requireBoolean,
  requireEach,
  requireFields,
  requireFunction,
  requireMethods,
  requireMs,
  requireWhole,
  requireWord,
} from "../kernel/arguments.ts";
import type { Execute } from "./execute.ts";
import type { Interceptor } from "./interceptor.ts";
import { requireHost } from "./listen.ts";
import type { ServiceLog } from "./log.ts";
import { isHeard } from "./signals.ts";

/** What a service is, and where and how it serves. */
export interface ServeOptions {
  /** In logs and failure messages. */
  readonly name: string;
  readonly execute: Execute;
  /** Where to listen: a name or an IP address; loopback if left out. `0.0.0.0` or `::` is every interface. */
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
  /**
   * What stops the service; SIGTERM and SIGINT if left out, none with an empty list. A second one stops it at once, and
   * ends the process if work in it goes on all the same.
   */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long calls in flight may take to end when the service stops; 10 s if left out. */
  readonly drainMs?: number;
  /**
   * Calls at work at a time; any number if left out. Others are refused with RESOURCE_EXHAUSTED and a time to come
   * back, which Busbar does if the node's `retryable_status_codes` lists it.
   */
  readonly maxConcurrency?: number;
  /** The largest request that is taken and the largest reply that is sent, whose message is cut to it; 4 MiB if left out. */
  readonly maxMessageBytes?: number;
  /**
   * How long a connection may be silent before the caller is asked for a sign of life, from 1 s; never if left out. One
   * that gives none has its calls aborted.
   */
  readonly keepaliveTimeMs?: number;
  /** How long a caller may take to give a sign of life; 20 s if left out. */
  readonly keepaliveTimeoutMs?: number;
  /** Runs around every call: for metrics and traces. */
  readonly interceptor?: Interceptor;
}

/** Of timers, and of the lengths that gRPC counts. */
const MAX_INT32 = 2 ** 31 - 1;
/** A reply that is cut still says what it is. */
const MIN_MESSAGE_BYTES = 1024;
/** As other gRPC servers have it: more often is a load and no news. */
const MIN_KEEPALIVE_MS = 1000;

/** @throws BusbarError USAGE */
export function requireOptions(options: ServeOptions): void {
  requireFields("options", options, OPTIONS, "an object {name, execute, port}");
}

/** grpc-js takes no others, those of another copy of it neither. */
function requireCredentials(name: string, value: unknown): void {
  if (value instanceof ServerCredentials) return;
  refuseArgument(name, "ServerCredentials of the @grpc/grpc-js that busbar uses (npm ls @grpc/grpc-js)", value);
}

const whole =
  (min: number, max?: number): Check =>
  (name, value) =>
    requireWhole(name, value, min, max);

const OPTIONS: FieldChecks<ServeOptions> = {
  name: requireWord,
  execute: requireFunction,
  port: whole(0, 65_535),
  host: optional(requireHost),
  credentials: optional(requireCredentials),
  describeFailure: optional(requireFunction),
  allowEmptyPaths: optional(requireBoolean),
  log: optional((name, value) => requireMethods(name, value, ["info", "warn", "error", "with"])),
  drainMs: optional(requireMs),
  signals: optional((name, value) =>
    requireEach(name, value, isHeard, "the name of a signal that a program can listen for"),
  ),
  maxConcurrency: optional(whole(1)),
  maxMessageBytes: optional(whole(MIN_MESSAGE_BYTES, MAX_INT32)),
  keepaliveTimeMs: optional(whole(MIN_KEEPALIVE_MS, MAX_INT32)),
  keepaliveTimeoutMs: optional(whole(1, MAX_INT32)),
  interceptor: optional(requireFunction),
};
