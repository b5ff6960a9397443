// One call of ContainerExecutor/Execute: a service's own function, and what its caller hears of how it ended.
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { toText } from "../kernel/json.ts";
import { peek, reasonOf } from "../kernel/thrown.ts";
import type { CallContext } from "./context.ts";
import { clarifyRefusal } from "./refusal.ts";
import { createRpcError, type RpcStatus, rpcStatusOf } from "./rpc-error.ts";

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

/** How a call ended. */
export interface CallEnd {
  /** What the caller hears: `OK` with a reply, be it of success or of failure, else the status the call failed with. */
  readonly status: "OK" | RpcStatus;
  readonly success: boolean;
  /** Of the reply or of the status, before it is cut to what can be sent. */
  readonly message: string;
  readonly durationMs: number;
  /** What `execute` threw, if it did. */
  readonly error?: unknown;
}

/** What a caller hears. */
export interface Answer extends Omit<CallEnd, "durationMs"> {
  /** Trailers of a status. */
  readonly metadata?: Metadata;
}

/** What a service is asked, and what it says of its failures. */
export interface AnswerOptions {
  readonly name: string;
  readonly execute: Execute;
  readonly describeFailure: (reason: string, error: unknown) => string;
  readonly allowEmptyPaths: boolean;
}

/** Does the work. Never rejects. */
export async function answerCall(
  options: AnswerOptions,
  request: ServiceRequest,
  context: CallContext,
): Promise<Answer> {
  try {
    context.signal.throwIfAborted();
    if (!options.allowEmptyPaths) {
      if (request.inputFile === "") throw new Error("input_file is empty");
      if (request.outputFile === "") throw new Error("output_file is empty");
    }
    // Programs without types return anything; the work is done all the same.
    return { status: "OK", success: true, message: toText(await options.execute(request, context)) };
  } catch (error) {
    const { signal } = context;
    // Nobody waits for the answer any more, or the caller hears why the service stops.
    if (signal.aborted) return { ...fail(toRpcError(signal.reason)), error };
    const status = rpcStatusOf(error);
    if (status !== undefined) return { ...fail(error as ServiceError), error };
    return { status: "OK", success: false, message: wordFailure(options, error), error };
  }
}

/** The answer that is a status. @param error made by `createRpcError`, whatever became of it since */
export function fail(error: ServiceError): Answer {
  const [details, metadata] = [peek(error, "details"), peek(error, "metadata")];
  const message = typeof details === "string" ? details : reasonOf(error);
  const answer = { status: rpcStatusOf(error) ?? "UNKNOWN", success: false, message } as const;
  return metadata instanceof Metadata ? { ...answer, metadata } : answer;
}

function toRpcError(reason: unknown): ServiceError {
  return rpcStatusOf(reason) === undefined ? createRpcError("CANCELLED", reasonOf(reason)) : (reason as ServiceError);
}

/** In the words of the service, if it finds any. */
function wordFailure({ name, describeFailure }: AnswerOptions, error: unknown): string {
  const reason = reasonOf(clarifyRefusal(error));
  try {
    const words: unknown = describeFailure(reason, error);
    if (typeof words === "string" && words.trim() !== "") return words;
  } catch {
    // The failure of the work is what the caller has to hear of.
  }
  return defaultFailure(name, reason);
}

/** What a failed reply says where the service words it no other way. */
export function defaultFailure(name: string, reason: string): string {
  return `[${name}] Failed to execute: ${reason}`;
}
