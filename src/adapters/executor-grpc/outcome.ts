import { formatDuration } from "../../kernel/durations.ts";
import { ERRORS, type ErrorCode } from "../../kernel/error-table.ts";
import type { BusbarError, ErrorInfo } from "../../kernel/errors.ts";
import { cleanForeign, type Secrets } from "../../kernel/secrets.ts";
import { asClause, asSentence } from "../../kernel/sentences.ts";
import type { Attempt, Outcome } from "../../ports/executor.ts";
import { FAILURE_REPLY } from "../../workflow/kinds/grpc/statuses.ts";
import type { Service } from "../../workflow/model/service.ts";
import type { CallEnd } from "../grpc-client/call.ts";
import type { Fault } from "../grpc-client/fault.ts";
import { describeFault } from "./faults.ts";
import { decodeExecuteResponse, type ExecuteReply } from "./messages.ts";
import { readPushback } from "./pushback.ts";
import { callErrorCode, isKnownStatus, statusName } from "./status.ts";
import { describeService } from "./words.ts";

/** The attempt that an outcome belongs to, and what its texts are made of. */
export interface AttemptContext {
  readonly service: Service;
  readonly attempt: Attempt;
  readonly secrets: Secrets;
}

/** A call that was answered OK. */
export function outcomeOfReply(context: AttemptContext, message: Uint8Array): Outcome {
  const who = describeService(context.service);
  let reply: ExecuteReply;
  try {
    reply = decodeExecuteResponse(message);
  } catch (error) {
    const text = `${message.length} bytes that are no ExecuteResponse: ${(error as Error).message}`;
    return failed(context, "SERVICE_WRONG_CONTRACT", "INTERNAL", `${who} answered with ${text}`);
  }
  if (reply.success === undefined && reply.message === undefined) {
    const text = "neither success nor message: it has another contract, or means success = false and does not say why";
    return failed(context, "SERVICE_WRONG_CONTRACT", "INTERNAL", `${who} answered with ${text}`);
  }
  const words = cleanForeign(reply.message ?? "", context.secrets);
  if (reply.success === true) return { outcome: "succeeded", output: { message: words } };
  const said = words === "" ? "reported failure and did not say why" : `reported failure: ${words}`;
  return failed(context, "NODE_REPORTED_FAILURE", FAILURE_REPLY, `${who} ${said}`);
}

/**
 * A call that was not answered OK.
 * @param elapsedMs since the call was made
 * @param offers what the service has instead of the method, if it said so; the end of a sentence
 */
export function outcomeOfEnd(
  context: AttemptContext,
  end: CallEnd,
  elapsedMs: number,
  offers: string | undefined,
): Outcome {
  if (end.fault !== undefined) return outcomeOfFault(context, end.code, end.fault);
  const { service, attempt, secrets } = context;
  const who = describeService(service);
  const name = statusName(end.code);
  const pushback = readPushback(end.trailers);
  const withPushback = pushback === undefined ? {} : { pushback };
  const said = cleanForeign(end.message.trim(), secrets);
  const words = describeWords(end.code, said);
  if (name === "DEADLINE_EXCEEDED") {
    const limit = formatDuration(attempt.timeoutMs);
    // The peer's own deadline, or one of a call that it made itself, also comes as this status.
    const text =
      elapsedMs >= attempt.timeoutMs - CLOCK_SLACK_MS
        ? `did not answer within ${limit}`
        : `answered DEADLINE_EXCEEDED after ${formatDuration(elapsedMs)}, before our limit of ${limit}: ${words}`;
    return { outcome: "timed_out", error: info(context, "NODE_TIMED_OUT", `${who} ${text}`, name), ...withPushback };
  }
  const code = callErrorCode(name);
  const text =
    offers === undefined
      ? `failed with ${name}: ${asSentence(words)} ${ERRORS[code].meaning}`
      : `failed with ${name}${said === "" ? "" : ` (${said})`}: ${offers}`;
  return { outcome: "failed", error: info(context, code, `${who} ${text}`, name), ...withPushback };
}

/** A call that ended on this side. */
function outcomeOfFault(context: AttemptContext, code: number, fault: Fault): Outcome {
  const { service, attempt, secrets } = context;
  const who = describeService(service);
  if (fault.kind === "cancelled") {
    return {
      outcome: "cancelled",
      error: info(context, "NODE_CANCELLED", `the call to ${who} was cancelled`, "CANCELLED"),
    };
  }
  const name = statusName(code);
  const report = describeFault(fault, { what: "call", limitMs: attempt.timeoutMs, tls: service.tls, secrets });
  const text = `${who} ${report.text}`;
  if (name === "DEADLINE_EXCEEDED") return { outcome: "timed_out", error: info(context, "NODE_TIMED_OUT", text, name) };
  const errorCode = NOT_OF_THE_CALL.has(report.code) ? report.code : callErrorCode(name);
  // Without a status it is not retried, whatever the file says: nothing would change.
  return { outcome: "failed", error: info(context, errorCode, text, report.isFinal ? undefined : name) };
}

/** What a look at the service's log would not help against. */
const NOT_OF_THE_CALL: ReadonlySet<ErrorCode> = new Set([
  "SERVICE_TLS",
  "SERVICE_NOT_ALLOWED",
  "SERVICE_PROXY",
  "SERVICE_UNKNOWN_NAME",
  "SERVICE_WRONG_PROTOCOL",
  "INTERNAL",
]);

/** Timers and the clock may disagree by that much. */
const CLOCK_SLACK_MS = 20;

function describeWords(code: number, said: string): string {
  const words = said === "" ? "it gave no reason" : said;
  return isKnownStatus(code) ? words : `${asClause(words)} (status ${code}, which gRPC does not have)`;
}

/** A failure before the call was made: metadata that is not there. */
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
