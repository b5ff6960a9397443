// The calls of ContainerExecutor/Execute that are being worked on: which are let in, and how they are ended.
import { create } from "@bufbuild/protobuf";
import type { Server, ServerUnaryCall, ServiceError, sendUnaryData } from "@grpc/grpc-js";
import {
  ContainerExecutor,
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "../gen/energy_pipeline_pb.ts";
import { cutText, MAX_REST_BYTES } from "../kernel/text.ts";
import { type CallContext, deadlineOf, readContext } from "./context.ts";
import { toServiceDefinition } from "./definition.ts";
import { type Answer, type AnswerOptions, answerCall, type CallEnd, fail, type ServiceRequest } from "./execute.ts";
import { type Interceptor, intercept } from "./interceptor.ts";
import type { ServiceLog } from "./log.ts";
import { createRpcError } from "./rpc-error.ts";
import { retryHintOf, toStatus } from "./trailers.ts";

export interface CallOptions extends AnswerOptions {
  readonly maxConcurrency: number;
  readonly maxMessageBytes: number;
  readonly interceptor: Interceptor | undefined;
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

/** When one who was refused may try again: long enough not to be a flood, short beside any work worth a limit. */
const BUSY_RETRY_MS = 1000;
/** Of an ExecuteResponse beside the bytes of its message. */
const REPLY_BYTES = 16;

type Call = ServerUnaryCall<ExecuteRequest, ExecuteResponse>;
type Callback = sendUnaryData<ExecuteResponse>;

interface Working {
  readonly controller: AbortController;
  readonly send: (end: Answer) => void;
  readonly done: Promise<unknown>;
}

export function addExecute(server: Server, options: CallOptions): Calls {
  const { name, maxConcurrency, maxMessageBytes } = options;
  const working = new Set<Working>();
  let draining = false;
  const stopping = (): ServiceError => createRpcError("UNAVAILABLE", `${name} is shutting down`);

  /** Why a call is not let in. */
  const refusal = (): ServiceError | undefined => {
    if (draining) return stopping();
    if (working.size < maxConcurrency) return undefined;
    const full = `${name} is at work on as many calls as it takes at a time (maxConcurrency: ${maxConcurrency})`;
    return createRpcError("RESOURCE_EXHAUSTED", full, { retryAfterMs: BUSY_RETRY_MS });
  };

  const handle = (call: Call, callback: Callback): void => {
    const refused = refusal();
    const controller = abortWith(call);
    const context = readContext(call, controller.signal, options.log);
    const { inputFile, outputFile } = call.request;
    const request = { inputFile, outputFile };
    const send = sendOnce(callback, maxMessageBytes);
    const work = () =>
      logged(context, request, async () =>
        refused === undefined ? answerCall(options, request, context) : fail(refused),
      );
    const done = intercept(options.interceptor, request, context, work).then(send);
    if (refused !== undefined) return;
    const entry = { controller, send, done };
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
      for (const { send } of working) send(fail(stopping()));
    },
  };
}

/** Aborts when the caller does not wait any more, and says why. */
function abortWith(call: Call): AbortController {
  const controller = new AbortController();
  call.on("cancelled", () => {
    const late = (deadlineOf(call)?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now();
    controller.abort(new Error(late ? "the deadline has passed" : "the caller has cancelled"));
  });
  return controller;
}

/** Says how a call begins and ends, and how long it took. */
async function logged(
  { log, signal }: CallContext,
  { inputFile, outputFile }: ServiceRequest,
  work: () => Promise<Answer>,
): Promise<Answer & CallEnd> {
  const started = performance.now();
  log.info(`execute ${JSON.stringify({ input_file: inputFile, output_file: outputFile })}`, { status: "start" });
  const answer = await work();
  const durationMs = Math.round((performance.now() - started) * 1000) / 1000;
  const { success, status, message } = answer;
  const thrown = "error" in answer ? { error: answer.error } : {};
  const fields = { status: success ? "success" : "failure", duration_ms: durationMs, ...thrown } as const;
  if (success) log.info(message, fields);
  else if (signal.aborted) log.error(`abandoned: ${message}`, fields);
  else log.error(status === "OK" ? message : `${status}: ${message}`, fields);
  return { ...answer, durationMs };
}

/** Answers the caller the first time that it is called. */
function sendOnce(callback: Callback, maxMessageBytes: number): (answer: Answer) => void {
  let sent = false;
  return ({ status, success, message, metadata }) => {
    if (sent) return;
    sent = true;
    if (status === "OK") {
      // Work that was done is not undone because it was told at length.
      const told = cutText(message, maxMessageBytes - REPLY_BYTES - MAX_REST_BYTES);
      callback(null, create(ExecuteResponseSchema, { success, message: told }));
      return;
    }
    try {
      callback(toStatus({ name: status, details: message, metadata }));
    } catch {
      // HTTP/2 does not allow every trailer that gRPC does (`connection`, two values of `date`).
      callback(toStatus({ name: status, details: message, metadata: retryHintOf(metadata) }));
    }
  };
}
