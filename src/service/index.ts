// The public API of `busbar/service`: the kit for writing a pipeline service.
export type { CallContext } from "./context.ts";
export { createDataRoot, type DataRoot } from "./data-root.ts";
export { startDummyServer } from "./dummy.ts";
export type { Execute, ServiceRequest } from "./execute.ts";
export { createJsonLog, type LogFields, type ServiceLog } from "./log.ts";
export { createRpcError, type RpcStatus } from "./rpc-error.ts";
export { type RunningService, type ServeOptions, serve } from "./serve.ts";
export { type WholeFile, writeWholeFile } from "./whole-file.ts";
