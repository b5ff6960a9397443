import type { RetryPolicy } from "../workflow.ts";

/** semantics.md, "Retry, timeout, idempotency": what holds where the file says nothing. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 4,
  initialBackoffMs: 500,
  backoffMultiplier: 2,
  maxBackoffMs: 30_000,
  retryOn: Object.freeze(["UNAVAILABLE"]),
});

/** Of a call. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Of a container: its work is not a call. */
export const DEFAULT_CONTAINER_TIMEOUT_MS = 3_600_000;
export const DEFAULT_MAX_PARALLEL = 16;
/** gRPC's own default, both ways. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4_194_304;

/** What retry policies call `success = false`; no gRPC status has this name. */
export const FAILURE_REPLY = "FAILURE_REPLY";

/** What a policy may name: every gRPC status but OK. */
export const GRPC_STATUSES = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;
