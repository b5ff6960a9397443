import { ERRORS, type ErrorCode, isErrorCode } from "./error-table.ts";
import type { JsonObject } from "./json.ts";

/** What went wrong, as it stands in events and in JSON output. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  /** One line that names the thing and the cause. */
  readonly message: string;
  /** The gRPC status name (`UNAVAILABLE`), or another word that retry policies name. */
  readonly status?: string;
  /** More, for programs: findings of a preflight, addresses, … */
  readonly details?: JsonObject;
}

/** The one error class: anything Busbar throws on purpose is one of these. */
export class BusbarError extends Error {
  readonly code: ErrorCode;
  readonly details: JsonObject | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: JsonObject; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "BusbarError";
    this.code = code;
    this.details = options.details;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }

  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }

  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message, ...(this.details === undefined ? {} : { details: this.details }) };
  }
}

/** Any thrown value as an ErrorInfo; what is not ours is a bug of ours. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof BusbarError) return thrown.toInfo();
  return { code: "INTERNAL", message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** What a person should do about it. Codes of a newer version have no remedy here. */
export function remedyOf(error: ErrorInfo): string {
  return isErrorCode(error.code) ? ERRORS[error.code].remedy : "";
}
