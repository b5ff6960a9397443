import type { RetryPolicy } from "@restatedev/restate-sdk";

/**
 * How Restate tries again to reach a worker: soon, and without end. Left to itself it pauses after 70 tries, and what is
 * paused stays so until somebody resumes it by hand; a cluster may be without workers for longer than that.
 */
export const RETRY: RetryPolicy = {
  initialInterval: 50,
  maxInterval: 2_000,
  exponentiationFactor: 2,
  maxAttempts: 1_000_000_000,
};
