import { parseTimestamp } from "../kernel/timestamp.ts";
import type { RetryPolicy } from "../workflow/model/retry.ts";
import type { AttemptFailure } from "./outcome.ts";

/** A peer may not keep a node waiting longer than this by its pushback. */
export const MAX_PUSHBACK_MS = 600_000;

/**
 * How long to wait after an attempt failed.
 *
 * Growth, cap and jitter follow gRPC retry design A6 as amended in 2024
 * (grpc/proposal#452): min(initial·mult^(n−1), max), times a factor in [0.8, 1.2).
 *
 * @param failures attempts that have failed so far, ≥ 1
 * @param random   uniform in [0, 1), drawn so that a replay waits alike
 * @returns milliseconds, ≥ 0
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  const grown = policy.initialBackoffMs * policy.backoffMultiplier ** (failures - 1);
  return Math.min(grown, policy.maxBackoffMs) * (0.8 + 0.4 * random);
}

/**
 * The wait before the next attempt, or undefined if the failure is final.
 *
 * @param failures recorded failures of the node's round, this one included; lost attempts do not count
 * @param random   uniform in [0, 1)
 * @returns whole milliseconds, ≥ 0
 */
export function retryWaitMs(
  policy: RetryPolicy,
  failures: number,
  failure: AttemptFailure,
  random: number,
): number | undefined {
  if (failure.pushback === "never" || failures >= policy.maxAttempts) return undefined;
  if (failure.error.status === undefined || !policy.retryOn.includes(failure.error.status)) return undefined;
  const wait = failure.pushback ?? backoffMs(policy, failures, random);
  return Math.round(Math.min(Math.max(wait, 0), failure.pushback === undefined ? Infinity : MAX_PUSHBACK_MS));
}

/**
 * What is left of a recorded wait, for an owner that takes a run over. The wall
 * clock may have jumped in between: never less than none, never more than was drawn.
 */
export function remainingWaitMs(retryAt: string, delayMs: number, now: number): number {
  const left = parseTimestamp(retryAt) - now;
  return Number.isNaN(left) ? delayMs : Math.min(Math.max(left, 0), delayMs);
}
