import { hostname } from "node:os";
import { requireFunction, requireWord } from "../kernel/arguments.ts";

/** Fields of a log line beside time, level, message and service (docs/reference: logs). Absent ones are left out. */
export interface LogFields {
  /** The node of the workflow that called. */
  readonly container_id?: string;
  readonly status?: "start" | "success" | "failure";
  readonly duration_ms?: number;
  /** 32 hex digits, the same for every call of a run. */
  readonly trace_id?: string;
}

/** Where a service says what it does: one line a call. */
export interface ServiceLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines carry these fields as well. */
  with(fields: LogFields): ServiceLog;
}

type Level = "INFO" | "WARNING" | "ERROR";

/**
 * A log of one JSON object a line.
 * @param service the name of the service
 * @param write   takes a whole line; stderr if left out
 * @throws BusbarError USAGE
 */
export function createJsonLog(
  service: string,
  write: (line: string) => void = (line) => process.stderr.write(line),
): ServiceLog {
  requireWord("service", service);
  requireFunction("write", write);
  const node = process.env.NODE_NAME ?? hostname();
  const create = (common: LogFields): ServiceLog => {
    const log = (level: Level) => (message: string, fields?: LogFields) => {
      const timestamp = new Date().toISOString();
      write(`${JSON.stringify({ timestamp, level, message, service, node, ...common, ...fields })}\n`);
    };
    return {
      info: log("INFO"),
      warn: log("WARNING"),
      error: log("ERROR"),
      with: (fields) => create({ ...common, ...fields }),
    };
  };
  return create({});
}
