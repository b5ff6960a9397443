/** Names follow gRPC's service config. */
export interface RetryPolicy {
  /** Recorded failures after which the node fails, ≥ 1; 1 is no retry. */
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly backoffMultiplier: number;
  readonly maxBackoffMs: number;
  /** Statuses of a failed attempt that allow another: gRPC status names, `FAILURE_REPLY` for `success = false`, `EXIT_<n>` for a container's exit code. */
  readonly retryOn: readonly string[];
}

/** semantics.md, "Retry, timeout, idempotency": what holds where the file says nothing. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 4,
  initialBackoffMs: 500,
  backoffMultiplier: 2,
  maxBackoffMs: 30_000,
  retryOn: Object.freeze(["UNAVAILABLE"]),
});
