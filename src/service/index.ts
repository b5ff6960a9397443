// The public API of `busbar/service`: the kit for writing a pipeline service.
export { ERRORS, type ErrorCode, type ErrorEntry } from "../kernel/error-table.ts";
export { BusbarError, type BusbarErrorOptions, type ErrorInfo } from "../kernel/errors.ts";
export type { Json, JsonObject } from "../kernel/json.ts";
export type { CallContext } from "./context.ts";
export { createDataRoot, type DataRoot } from "./data-root.ts";
export { startDummyServer } from "./dummy.ts";
export type { CallEnd, Execute, ServiceRequest } from "./execute.ts";
export type { Interceptor } from "./interceptor.ts";
export { createJsonLog, type LogFields, type ServiceLog } from "./log.ts";
export type { ServeOptions } from "./options.ts";
export { createRpcError, type RpcErrorOptions, type RpcStatus } from "./rpc-error.ts";
export { type RunningService, serve } from "./serve.ts";
export { type WholeFile, writeWholeFile } from "./whole-file.ts";
