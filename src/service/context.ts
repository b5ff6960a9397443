import type { Metadata, ServerUnaryCall } from "@grpc/grpc-js";
import type { ServiceLog } from "./log.ts";

/** What a service knows about a call beside the request. Callers other than Busbar leave most of it out. */
export interface CallContext {
  /** Aborts when the caller cancels, the deadline passes or the service has to stop. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting. */
  readonly deadline?: Date;
  /** The same for every try of the same work: retries, and calls made again after a crash. */
  readonly idempotencyKey?: string;
  readonly runId?: string;
  readonly nodeId?: string;
  /** From 1. */
  readonly attempt?: number;
  /** W3C trace id: 32 hex digits. */
  readonly traceId?: string;
  /** W3C trace context of the caller, for a span of your own below its span. */
  readonly traceparent?: string;
  /** The first value of a metadata key, as text. */
  metadata(key: string): string | undefined;
  /** Its lines say which call it is: node, run, attempt, idempotency key and trace id, as far as the caller sent them. */
  readonly log: ServiceLog;
}

export function readContext(
  call: ServerUnaryCall<unknown, unknown>,
  signal: AbortSignal,
  log: ServiceLog,
): CallContext {
  const deadline = deadlineOf(call);
  const metadata = (key: string) => firstText(call.metadata, key);
  const nodeId = decode(metadata("x-busbar-node"));
  const runId = decode(metadata("x-busbar-run-id"));
  const idempotencyKey = decode(metadata("idempotency-key"));
  const attempt = countOf(metadata("x-busbar-attempt"));
  const [traceparent, traceId] = TRACEPARENT.exec(metadata("traceparent") ?? "") ?? [];
  const fields = { container_id: nodeId, run_id: runId, attempt, idempotency_key: idempotencyKey, trace_id: traceId };
  return {
    signal,
    metadata,
    log: log.with(present(fields)),
    ...present({ deadline, idempotencyKey, runId, nodeId, attempt, traceId, traceparent }),
  };
}

/** Of any version but the one that is forbidden (W3C Trace Context, 3.2.2). Neither id may be all zeros. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/** @returns undefined for what is no number from 1 on */
function countOf(text: string | undefined): number | undefined {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

/** `getDeadline` gives infinity where the caller set none. */
export function deadlineOf(call: ServerUnaryCall<unknown, unknown>): Date | undefined {
  const deadline = call.getDeadline();
  if (deadline instanceof Date) return deadline;
  return Number.isFinite(deadline) ? new Date(deadline) : undefined;
}

function firstText(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0];
  return value === undefined ? undefined : value.toString();
}

/** Ids travel percent-encoded; another caller's text is taken as it is. */
function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
