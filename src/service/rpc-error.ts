import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  type FieldChecks,
  optional,
  requireFields,
  requireNumber,
  requireOneOf,
  requireText,
} from "../kernel/arguments.ts";
import { reasonOf } from "../kernel/thrown.ts";

/** gRPC status names a call can fail with. */
export type RpcStatus = Exclude<keyof typeof status, "OK">;

/** What a status says beside its name and its message. */
export interface RpcErrorOptions {
  /**
   * Asks the caller to wait this long before it tries again (`grpc-retry-pushback-ms`, gRFC A6); negative: not at all.
   * A fraction counts as a whole millisecond.
   */
  readonly retryAfterMs?: number;
  /** What led to it; for the log. */
  readonly cause?: unknown;
}

/** The key of gRFC A6. */
export const PUSHBACK_KEY = "grpc-retry-pushback-ms";
const MAX_INT32 = 2 ** 31 - 1;

/** What `createRpcError` made, and as what: an author may change anything else of it. */
const made = new WeakMap<object, RpcStatus>();

const OPTIONS: FieldChecks<RpcErrorOptions> = { retryAfterMs: optional(requireNumber), cause: () => undefined };

/**
 * An error that fails the call with a gRPC status, where every other error a
 * service throws becomes an answer with `success = false`. Only a status can be
 * retried without the workflow file asking for it.
 *
 * Message and trailers together are cut to what every gRPC client takes (8 KiB).
 *
 * @throws BusbarError USAGE
 */
export function createRpcError(name: RpcStatus, message: string, options: RpcErrorOptions = {}): ServiceError {
  requireOneOf("name", name, Object.keys(status).filter(isName));
  requireText("message", message);
  requireFields("options", options, OPTIONS);
  const { retryAfterMs, cause } = options;
  const metadata = new Metadata();
  if (retryAfterMs !== undefined) metadata.set(PUSHBACK_KEY, formatPushback(retryAfterMs));
  const error = new Error(message, cause === undefined ? {} : { cause });
  const details = message.trim() === "" ? reasonOf(cause ?? "no reason was given") : message;
  const rpcError = Object.assign(error, { code: status[name], details, metadata });
  made.set(rpcError, name);
  return rpcError;
}

/** Clients take what is no 32-bit integer for "never". */
function formatPushback(ms: number): string {
  return ms < 0 ? "-1" : String(Math.min(Math.ceil(ms), MAX_INT32));
}

/** grpc-js's table has the numbers as keys too. */
function isName(key: string): boolean {
  return key !== "OK" && !/^\d+$/.test(key);
}

/** The status that `createRpcError` was asked for, of an error that it made. */
export function rpcStatusOf(thrown: unknown): RpcStatus | undefined {
  return typeof thrown === "object" && thrown !== null ? made.get(thrown) : undefined;
}
