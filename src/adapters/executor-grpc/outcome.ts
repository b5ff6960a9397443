import { formatDuration } from "../../kernel/durations.ts";
import { ERRORS, type ErrorCode } from "../../kernel/error-table.ts";
import type { BusbarError, ErrorInfo } from "../../kernel/errors.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import { asClause, asSentence } from "../../kernel/sentences.ts";
import type { Attempt, Outcome } from "../../ports/executor.ts";
import { FAILURE_REPLY } from "../../workflow/kinds/grpc/statuses.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { CallResult } from "./call.ts";
import type { StatusObject } from "./grpc-js.ts";
import { decodeExecuteResponse } from "./messages.ts";
import { readPushback } from "./pushback.ts";
import { callErrorCode, statusName } from "./status.ts";
import { cleanForeign, describeService } from "./words.ts";

/** The attempt that an outcome belongs to, and what its texts are made of. */
export interface AttemptContext {
  readonly service: Service;
  readonly attempt: Attempt;
  readonly secrets: Secrets;
}

/** @param message undefined where the service said OK and sent no message */
export function outcomeOfReply(context: AttemptContext, message: Uint8Array | undefined): Outcome {
  const who = describeService(context.service);
  if (message === undefined) {
    return failed(
      context,
      "CALL_INTERNAL",
      "INTERNAL",
      `${who} answered OK without a message, against the rules of gRPC`,
    );
  }
  let reply: ReturnType<typeof decodeExecuteResponse>;
  try {
    reply = decodeExecuteResponse(message);
  } catch (error) {
    const text = `${who} answered with ${message.length} bytes that are no ExecuteResponse: ${(error as Error).message}`;
    return failed(context, "CALL_INTERNAL", "INTERNAL", text);
  }
  const words = cleanForeign(reply.message, context.secrets);
  if (reply.success) return { outcome: "succeeded", output: { message: words } };
  return failed(context, "NODE_REPORTED_FAILURE", FAILURE_REPLY, `${who} ${describeFailureReply(message, words)}`);
}

function describeFailureReply(message: Uint8Array, words: string): string {
  if (message.length === 0) return "answered with an empty message, which means success = false, and did not say why";
  return words === "" ? "reported failure and did not say why" : `reported failure: ${words}`;
}

/**
 * @param elapsedMs since the call was made
 * @param explanation more than the status says, from a look at the peer; goes on from "<service> at <address> "
 */
export function outcomeOfStatus(
  context: AttemptContext,
  result: CallResult,
  elapsedMs: number,
  explanation: string | undefined,
): Outcome {
  const { service, attempt, secrets } = context;
  const who = describeService(service);
  const { status } = result;
  const name = statusName(status.code);
  if (result.aborted) {
    return {
      outcome: "cancelled",
      error: info(context, "NODE_CANCELLED", `the call to ${who} was cancelled`, "CANCELLED"),
    };
  }
  const pushback = readPushback(status.metadata);
  const withPushback = pushback === undefined ? {} : { pushback };
  const words = cleanForeign(describeWords(status), secrets);
  if (name === "DEADLINE_EXCEEDED") {
    const limit = formatDuration(attempt.timeoutMs);
    // The peer's own deadline, or one of a call that it made itself, also comes as this status.
    const text =
      explanation ??
      (elapsedMs >= attempt.timeoutMs - CLOCK_SLACK_MS
        ? `did not answer within ${limit}`
        : `answered DEADLINE_EXCEEDED after ${formatDuration(elapsedMs)}, before our limit of ${limit}: ${words}`);
    const error = info(context, "NODE_TIMED_OUT", `${who} ${text}`, name);
    return { outcome: "timed_out", error, ...withPushback };
  }
  const code = callErrorCode(name);
  const text = explanation ?? `failed with ${name}: ${asSentence(words)} ${ERRORS[code].meaning}`;
  return { outcome: "failed", error: info(context, code, `${who} ${text}`, name), ...withPushback };
}

/** Timers and the clock may disagree by that much. */
const CLOCK_SLACK_MS = 20;

function describeWords(status: StatusObject): string {
  const words = status.details.trim() === "" ? "it gave no reason" : status.details.trim();
  const known = statusName(status.code) !== "UNKNOWN" || status.code === 2;
  return known ? words : `${asClause(words)} (status ${status.code}, which gRPC does not have)`;
}

/** A failure before the call was made: metadata or TLS files. */
export function outcomeOfProblem(context: AttemptContext, problem: BusbarError): Outcome {
  return { outcome: "failed", error: info(context, problem.code, problem.message) };
}

function failed(context: AttemptContext, code: ErrorCode, status: string, message: string): Outcome {
  return { outcome: "failed", error: info(context, code, message, status) };
}

function info(context: AttemptContext, code: ErrorCode, message: string, status?: string): ErrorInfo {
  const { name, address } = context.service;
  return {
    code,
    message: context.secrets.mask(message),
    ...(status === undefined ? {} : { status }),
    details: { service: name, address: String(address) },
  };
}
