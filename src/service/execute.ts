// ContainerExecutor/Execute around a service's own function.
import { create } from "@bufbuild/protobuf";
import { type Server, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import {
  ContainerExecutor,
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "../gen/energy_pipeline_pb.ts";
import { type CallContext, deadlineOf, readContext } from "./context.ts";
import { toServiceDefinition } from "./definition.ts";
import type { ServiceLog } from "./log.ts";
import { createRpcError, isRpcError } from "./rpc-error.ts";

/** Paths as the workflow file has them, not empty. */
export interface ServiceRequest {
  readonly inputFile: string;
  readonly outputFile: string;
}

/**
 * The work of a service. Returns the message of a success. Whatever it throws
 * is answered as `success = false`, unless it comes from `createRpcError`.
 */
export type Execute = (request: ServiceRequest, context: CallContext) => Promise<string> | string;

export interface ExecuteOptions {
  readonly name: string;
  readonly execute: Execute;
  readonly describeFailure: (reason: string, error: unknown) => string;
  readonly allowEmptyPaths: boolean;
  readonly log: ServiceLog;
}

/** The calls that are being worked on. */
export interface Calls {
  /** Resolves when none is left. New ones are refused from now on. */
  drain(): Promise<void>;
  /** Aborts all of them; those who called hear UNAVAILABLE when the work has ended. */
  abort(): void;
  /** Tells callers whose work has not ended yet, and does not wait for it. */
  abandon(): void;
}

interface Working {
  readonly controller: AbortController;
  readonly answer: sendUnaryData<ExecuteResponse>;
  readonly done: Promise<void>;
}

export function addExecute(server: Server, options: ExecuteOptions): Calls {
  const { log } = options;
  const working = new Set<Working>();
  let draining = false;
  const stopping = () => createRpcError("UNAVAILABLE", `${options.name} is shutting down`);

  const work = async (call: ServerUnaryCall<ExecuteRequest, ExecuteResponse>, controller: AbortController) => {
    const context = readContext(call, controller.signal, log);
    const started = performance.now();
    const { inputFile, outputFile } = call.request;
    context.log.info(`execute ${JSON.stringify({ input_file: inputFile, output_file: outputFile })}`, {
      status: "start",
    });
    const finish = (success: boolean, message: string) => {
      const fields = {
        status: success ? "success" : "failure",
        duration_ms: Math.round((performance.now() - started) * 1000) / 1000,
      } as const;
      if (success) context.log.info(message, fields);
      else context.log.error(message, fields);
    };
    try {
      if (!options.allowEmptyPaths) {
        if (inputFile === "") throw new Error("input_file is empty");
        if (outputFile === "") throw new Error("output_file is empty");
      }
      const message = await options.execute({ inputFile, outputFile }, context);
      finish(true, message);
      return create(ExecuteResponseSchema, { success: true, message });
    } catch (error) {
      if (controller.signal.aborted) {
        // Nobody waits for the answer any more, or the caller hears why the service stops.
        const reason = controller.signal.reason;
        finish(false, `abandoned: ${textOf(reason)}`);
        throw isRpcError(reason) ? reason : createRpcError("CANCELLED", textOf(reason));
      }
      if (isRpcError(error)) {
        finish(false, `${status[error.code]}: ${error.details}`);
        throw error;
      }
      const message = options.describeFailure(textOf(error), error);
      finish(false, message);
      return create(ExecuteResponseSchema, { success: false, message });
    }
  };

  const handle = (call: ServerUnaryCall<ExecuteRequest, ExecuteResponse>, callback: sendUnaryData<ExecuteResponse>) => {
    if (draining) {
      callback(stopping());
      return;
    }
    const controller = new AbortController();
    call.on("cancelled", () => {
      const late = (deadlineOf(call)?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now();
      controller.abort(new Error(late ? "the deadline has passed" : "the caller has cancelled"));
    });
    let answered = false;
    const answer: typeof callback = (error, response) => {
      if (!answered) callback(error, response);
      answered = true;
    };
    const done = work(call, controller).then(
      (response) => answer(null, response),
      (error) => answer(error),
    );
    const entry = { controller, answer, done };
    working.add(entry);
    void done.finally(() => working.delete(entry));
  };
  server.addService(toServiceDefinition(ContainerExecutor), { Execute: handle });

  return {
    async drain() {
      draining = true;
      await Promise.allSettled([...working].map((entry) => entry.done));
    },
    abort() {
      for (const { controller } of working) controller.abort(stopping());
    },
    abandon() {
      for (const { answer } of working) answer(stopping());
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
