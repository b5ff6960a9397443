import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ERRORS, type ErrorCode, isErrorCode } from "../kernel/error-table.ts";
import { type ErrorInfo, remedyOf, toErrorInfo } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";

/** An error as RFC 9457 has it, with our code and what to do. */
export interface Problem {
  /** `urn:busbar:error:CODE` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy: string;
  readonly details?: JsonObject;
}

/** Codes whose status is not that of their group (by exit code). */
const STATUS: { readonly [code in ErrorCode]?: ContentfulStatusCode } = {
  RUN_NOT_FOUND: 404,
  RUN_AMBIGUOUS: 409,
  RUN_EXISTS: 409,
  RUN_ALREADY_SUCCEEDED: 409,
  RUN_ALREADY_ENDED: 409,
  RUN_NOT_PAUSED: 409,
  IDEMPOTENCY_KEY_USED: 409,
  RUN_QUEUE_FULL: 409,
  RUN_OWNED: 409,
  RERUN_NOTHING: 409,
  REQUEST_SUPERSEDED: 409,
  RESUME_FILE_DIFFERS: 409,
  RERUN_DIFFERS: 409,
  WORKFLOW_NOT_FOUND: 404,
  WORKFLOW_UNKNOWN: 404,
  WORKFLOW_CHANGED: 409,
  WORKFLOW_UNWRITABLE: 503,
  WORKFLOW_TOO_LARGE: 413,
  ARTIFACT_NOT_FOUND: 404,
  ARTIFACT_REFUSED: 403,
  ARTIFACT_CHANGED: 409,
  ADDRESS_NOT_NAMED: 404,
  RUN_LEFT: 503,
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  TOKEN_REQUIRED: 401,
  TOKEN_INVALID: 401,
  TOKEN_NOT_FOUND: 404,
  TOO_MANY_LOGINS: 429,
  HOST_UNKNOWN: 421,
  ORIGIN_FOREIGN: 403,
  MEDIA_TYPE: 415,
  REQUEST_TOO_LARGE: 413,
  LENGTH_REQUIRED: 411,
  SERVER_BUSY: 503,
  RUN_NOT_ENDED: 409,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_SLOW: 408,
};

/** Errors that are known by their group alone: the first digits of the exit code (semantics.md, "Exit codes"). */
export function statusOf(code: string): ContentfulStatusCode {
  if (!isErrorCode(code)) return 500;
  const status = STATUS[code];
  if (status !== undefined) return status;
  const { exitCode } = ERRORS[code];
  if (exitCode === 2) return 400;
  if (exitCode >= 10 && exitCode <= 29) return 422;
  return exitCode >= 30 && exitCode <= 39 ? 503 : 500;
}

export function problemOf(error: ErrorInfo, status: number = statusOf(error.code)): Problem {
  const { code, message, details } = error;
  // What a port says of its arguments is about a request here; its remedy speaks of the command line.
  const isUsage = code === "USAGE";
  return {
    type: `urn:busbar:error:${code}`,
    title: isUsage ? ERRORS.REQUEST_INVALID.meaning : isErrorCode(code) ? ERRORS[code].meaning : code,
    status,
    detail: message,
    code,
    remedy: isUsage ? ERRORS.REQUEST_INVALID.remedy : remedyOf(error),
    ...(details === undefined ? {} : { details }),
  };
}

export function problemResponse(error: ErrorInfo, status: number = statusOf(error.code)): Response {
  return new Response(JSON.stringify(problemOf(error, status)), {
    status,
    headers: { "content-type": "application/problem+json", ...headersOf(error, status) },
  });
}

function headersOf({ details }: ErrorInfo, status: number): Record<string, string> {
  if (status === 401) return { "www-authenticate": "Bearer" };
  return typeof details?.retry_after_s === "number" ? { "retry-after": String(details.retry_after_s) } : {};
}

/** Whatever was thrown, as a response. */
export function problemOfThrown(thrown: unknown): Response {
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return problemResponse({ code: "REQUEST_INVALID", message: thrown.message }, thrown.status);
  }
  return problemResponse(toErrorInfo(thrown));
}
