import { describeValue } from "./describe-value.ts";
import { ERRORS, type ErrorCode, isErrorCode } from "./error-table.ts";
import { type Json, type JsonObject, toJson } from "./json.ts";
import { quoteWord } from "./quote-word.ts";
import { peek, reasonOf } from "./thrown.ts";

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

/** What a {@link BusbarError} says beside code and message. */
export interface BusbarErrorOptions {
  /** More, for programs. A frozen copy is kept, in which texts stand for what JSON cannot say. */
  readonly details?: JsonObject;
  /** What led to it: for people and debuggers in this process; neither JSON nor a clone has it. */
  readonly cause?: unknown;
}

/**
 * The one error class: anything Busbar throws on purpose is one of these.
 *
 * `JSON.stringify` makes its {@link ErrorInfo} of it, and so does whatever clones it (`structuredClone`, messages
 * between threads and processes); {@link toErrorInfo} reads both. For that it is no native error, of which a clone
 * keeps nothing but the message: it inherits from `Error.prototype`, so that `instanceof Error` holds, but
 * `Error.isError` and `util.types.isNativeError` say false.
 */
export class BusbarError implements Error {
  static {
    Object.setPrototypeOf(BusbarError.prototype, Error.prototype);
    const shared = { writable: true, configurable: true };
    Object.defineProperty(BusbarError.prototype, "name", { value: "BusbarError", ...shared });
    // Whoever asks for the tag, as the thread that an error ends does, takes it for the error that it is.
    Object.defineProperty(BusbarError.prototype, Symbol.toStringTag, { value: "Error", ...shared });
  }

  /** `BusbarError`; shared by all, not a field of each. */
  declare name: string;
  declare readonly stack?: string;
  /** What led to it. */
  declare readonly cause?: unknown;
  /** Which error of the table it is. */
  readonly code: ErrorCode;
  /** One line that names the thing, the cause and the next step. */
  readonly message: string;
  /** More, for programs: JSON, frozen. */
  declare readonly details?: JsonObject;

  /** Takes whatever it is given: an error that throws while it is made would hide what went wrong. */
  constructor(code: ErrorCode, message: string, options: BusbarErrorOptions = {}) {
    this.code = typeof code === "string" ? code : "INTERNAL";
    this.message = typeof message === "string" ? message : `an error without a message (${describeValue(message)})`;
    if (options?.details !== undefined) this.details = toDetails(options.details);
    // Not enumerable, so that no clone fails over it.
    if (options?.cause !== undefined) {
      Object.defineProperty(this, "cause", { value: options.cause, writable: true, configurable: true });
    }
    Error.captureStackTrace(this, new.target);
  }

  /** What a person should do about it, a sentence. */
  get remedy(): string {
    return remedyOf(this);
  }

  /** What the command line ends with (semantics.md, "Exit codes"). */
  get exitCode(): number {
    return isErrorCode(this.code) ? ERRORS[this.code].exitCode : ERRORS.INTERNAL.exitCode;
  }

  /** The error as data. */
  toInfo(): ErrorInfo {
    return infoOf(this.code, this.message, { details: this.details });
  }

  /** For `JSON.stringify`: the same as `toInfo`. */
  toJSON(): ErrorInfo {
    return this.toInfo();
  }
}

/**
 * Whatever was thrown, as data: a {@link BusbarError}, a clone of one, its ErrorInfo (also as JSON text). Anything
 * else is INTERNAL, a bug of whoever threw it. Never throws, and the message is never empty.
 */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  try {
    return readInfo(thrown) ?? { code: "INTERNAL", message: reasonOf(thrown) };
  } catch {
    return { code: "INTERNAL", message: "something was thrown that cannot be read" };
  }
}

/** What a remedy is about, where whoever shows it knows more than the error says. */
export interface RemedySubject {
  readonly runId?: string;
  readonly nodeId?: string;
}

/**
 * What a person should do about it. In its commands RUN, NODE and NAME are replaced by what is known of the error.
 * Codes of a newer version have no remedy here.
 */
export function remedyOf(error: Pick<ErrorInfo, "code" | "details">, subject: RemedySubject = {}): string {
  if (!isErrorCode(error.code)) return "";
  const { run_id, node_id, name } = error.details ?? {};
  const known = { RUN: subject.runId ?? run_id, NODE: subject.nodeId ?? node_id, NAME: name };
  const fill = (word: string): string => {
    const value = known[word as keyof typeof known];
    return typeof value === "string" ? quoteWord(value) : word;
  };
  return ERRORS[error.code].remedy.replace(/`[^`]*`/g, (command) => command.replace(/\b(?:RUN|NODE|NAME)\b/g, fill));
}

function infoOf(code: ErrorCode, message: string, more: { readonly status?: unknown; readonly details?: unknown }) {
  const { status, details } = more;
  return {
    code,
    message: message.trim() === "" ? (isErrorCode(code) ? ERRORS[code].meaning : code) : message,
    ...(typeof status === "string" ? { status } : {}),
    ...(details === undefined ? {} : { details: toDetails(details) }),
  };
}

function toDetails(details: unknown): JsonObject {
  const json = toJson(details);
  return isJsonObject(json) ? json : { value: json };
}

function isJsonObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** @returns undefined for what is no error of ours, in none of its forms */
function readInfo(thrown: unknown): ErrorInfo | undefined {
  const form = typeof thrown === "string" && thrown.startsWith("{") ? parseOrUndefined(thrown) : thrown;
  if (typeof form !== "object" || form === null) return undefined;
  const [code, message] = [peek(form, "code"), peek(form, "message")];
  // By its name, because it may be of another copy of this package, or come from a thread that it ended.
  const named = peek(form, "name") === "BusbarError";
  // A foreign error may have a code that is one of ours by chance.
  const ours = named || (isErrorCode(code) && !(form instanceof Error));
  if (!ours || typeof code !== "string" || typeof message !== "string") return undefined;
  // A newer version has codes that this one does not know.
  return infoOf(code as ErrorCode, message, { status: peek(form, "status"), details: peek(form, "details") });
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
