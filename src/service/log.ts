import { hostname } from "node:os";
import { requireFunction, requireWord } from "../kernel/arguments.ts";
import { type Json, type JsonObject, toJson, toText } from "../kernel/json.ts";
import { cutText } from "../kernel/text.ts";
import { describeThrown } from "../kernel/thrown.ts";

/**
 * Fields of a log line beside time, level, message, service and node (docs/reference: logs). Absent ones are left out.
 * Those that are not listed are your own: whatever JSON can say.
 */
export interface LogFields {
  /** The node of the workflow that called. */
  readonly container_id?: string;
  readonly run_id?: string;
  /** From 1. */
  readonly attempt?: number;
  /** The same for every try of the same work. */
  readonly idempotency_key?: string;
  /** 32 hex digits, the same for every call of a run. */
  readonly trace_id?: string;
  readonly status?: "start" | "success" | "failure";
  readonly duration_ms?: number;
  /** What was thrown; a line has its class, message, stack, causes and inner errors. */
  readonly error?: unknown;
  readonly [own: string]: unknown;
}

/** Where a service says what it does. */
export interface ServiceLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines carry these fields as well. */
  with(fields: LogFields): ServiceLog;
}

type Level = "INFO" | "WARNING" | "ERROR";

/** Docker and containerd split what is longer with its line break; the parts are no JSON. */
const MAX_LINE_BYTES = 16 * 1024 - 1;
/** Texts of a line that is too long are cut to the first of these with which it is not. */
const TEXT_BYTES = [8192, 4096, 1024, 256, 64];

/**
 * A log of one JSON object a line. A line has at most 16 KiB: longer texts in it are cut, with `…[+N bytes]` at their
 * end.
 * @param service the name of the service
 * @param write   takes a whole line; stderr if left out
 * @throws BusbarError USAGE
 */
export function createJsonLog(service: string, write: (line: string) => void = writeToStderr): ServiceLog {
  requireWord("service", service);
  requireFunction("write", write);
  const node = process.env.NODE_NAME ?? hostname();
  const create = (common: LogFields): ServiceLog => {
    const log = (level: Level) => (message: string, fields?: LogFields) => {
      const timestamp = new Date().toISOString();
      const own = { timestamp, level, message: toText(message), service, node };
      // Own fields first, as the original has them, and last, so that no other field takes their place.
      const line = { ...own, ...common, ...toFields(message), ...toFields(fields), ...own };
      const thrown = "error" in line ? { error: describeThrown(line.error) } : {};
      write(`${formatLine({ ...line, ...thrown }, Object.keys(own))}\n`);
    };
    return {
      info: log("INFO"),
      warn: log("WARNING"),
      error: log("ERROR"),
      with: (fields) => create({ ...common, ...toFields(fields) }),
    };
  };
  return create({});
}

/** Programs without types give an error, or fields, as the message, and an error in the place of the fields. */
function toFields(given: unknown): LogFields {
  try {
    if (given instanceof Error) return { error: given };
    return typeof given === "object" ? { ...given } : {};
  } catch {
    // A getter that throws, or a proxy that is revoked: what else the line says is not lost over it.
    return { fields: "[unreadable]" };
  }
}

/** Whoever reads stderr may go, as in `2>&1 | head`: that ends neither the work nor the service. */
function writeToStderr(line: string): void {
  if (!process.stderr.listeners("error").includes(ignore)) process.stderr.on("error", ignore);
  process.stderr.write(line);
}

function ignore(): void {
  // There is nowhere to say it.
}

/** @param kept fields that stay whatever there is beside them */
function formatLine(fields: LogFields, kept: readonly string[]): string {
  const json = toJson(fields) as JsonObject;
  const whole = JSON.stringify(json);
  if (fits(whole)) return whole;
  for (const maxBytes of TEXT_BYTES) {
    const line = JSON.stringify(json, (_key, value: Json) =>
      typeof value === "string" ? cutText(value, maxBytes) : value,
    );
    if (fits(line)) return line;
  }
  // Not long texts but many of them.
  const left = Object.keys(json).filter((name) => !kept.includes(name));
  const few = Object.fromEntries(kept.map((name) => [name, cutText(String(json[name]), 256)]));
  return JSON.stringify({ ...few, fields_left_out: left.length });
}

function fits(line: string): boolean {
  return line.length <= MAX_LINE_BYTES && Buffer.byteLength(line) <= MAX_LINE_BYTES;
}

/** A log that never throws: that a line cannot be written must not fail the work that it tells of. */
export function shieldLog(log: ServiceLog): ServiceLog {
  const shield =
    (level: "info" | "warn" | "error"): ServiceLog["info"] =>
    (message, fields) => {
      try {
        // One that is asynchronous rejects where another throws.
        Promise.resolve<unknown>(log[level](message, fields)).catch(ignore);
      } catch {
        ignore();
      }
    };
  const shielded: ServiceLog = {
    info: shield("info"),
    warn: shield("warn"),
    error: shield("error"),
    with(fields) {
      try {
        return shieldLog(log.with(fields));
      } catch {
        return shielded;
      }
    },
  };
  return shielded;
}
