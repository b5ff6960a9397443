import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { requireIfGiven, requireNumber, requireObject, requireOneOf, requireText } from "../kernel/arguments.ts";

/** gRPC status names a call can fail with. */
export type RpcStatus = Exclude<keyof typeof status, "OK">;

const made = new WeakSet<object>();

/**
 * An error that fails the call with a gRPC status, where every other error a
 * service throws becomes an answer with `success = false`. Only a status can be
 * retried without the workflow file asking for it.
 *
 * @param retryAfterMs asks the caller to wait this long before it tries again
 *        (`grpc-retry-pushback-ms`, gRFC A6); negative: not at all
 * @throws BusbarError USAGE
 */
export function createRpcError(
  name: RpcStatus,
  message: string,
  options: { readonly retryAfterMs?: number } = {},
): ServiceError {
  requireOneOf("name", name, Object.keys(status).filter(isName));
  requireText("message", message);
  requireObject("options", options);
  requireIfGiven("options.retryAfterMs", options.retryAfterMs, requireNumber);
  const metadata = new Metadata();
  if (options.retryAfterMs !== undefined) metadata.set("grpc-retry-pushback-ms", String(options.retryAfterMs));
  const error = Object.assign(new Error(message), { code: status[name], details: message, metadata });
  made.add(error);
  return error;
}

/** grpc-js's table has the numbers as keys too. */
function isName(key: string): boolean {
  return key !== "OK" && !/^\d+$/.test(key);
}

/** Whether `createRpcError` made it. */
export function isRpcError(thrown: unknown): thrown is ServiceError {
  return typeof thrown === "object" && thrown !== null && made.has(thrown);
}
