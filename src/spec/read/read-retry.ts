import { FAILURE_REPLY } from "../kinds/grpc/statuses.ts";
import type { RetryPolicy } from "../model/retry.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import { type Place, placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import type { Values } from "../tree/read-fields.ts";
import type { DEFAULT_RETRY_KEYS } from "./keys.ts";

/** What `retry` says, of a node or for all: a node has the keys of its executor only. */
export type RetryValues = Values<typeof DEFAULT_RETRY_KEYS>;

/** The policy of a grpc node and that of a docker node: they differ in what allows another attempt. */
export type RetryDefaults = { readonly [executor in "grpc" | "docker"]: RetryPolicy };

/** semantics.md, "Retry, timeout, idempotency". UNAVAILABLE is an engine that does not answer. */
export const NO_RETRY_SAID: RetryDefaults = { grpc: DEFAULT_RETRY, docker: DEFAULT_RETRY };

/** What `retry` says on top of what holds without it. */
export function readRetry(
  problems: Problems,
  base: RetryDefaults,
  values: RetryValues | undefined,
  raw: unknown,
  place: Place,
): RetryDefaults {
  if (values === undefined) return base;
  const codes = values.retryable_status_codes ?? base.grpc.retryOn.filter((status) => status !== FAILURE_REPLY);
  const failureReply = values.retry_failure_reply ?? base.grpc.retryOn.includes(FAILURE_REPLY);
  const exits = values.retryable_exit_codes?.map((code) => `EXIT_${code}`);
  const shared = {
    maxAttempts: values.max_attempts ?? base.grpc.maxAttempts,
    initialBackoffMs: values.initial_backoff_seconds ?? base.grpc.initialBackoffMs,
    backoffMultiplier: values.backoff_multiplier ?? base.grpc.backoffMultiplier,
    maxBackoffMs: values.max_backoff_seconds ?? base.grpc.maxBackoffMs,
  };
  if (shared.initialBackoffMs > shared.maxBackoffMs && typeof raw === "object") {
    const [initial, max] = [shared.initialBackoffMs / 1000, shared.maxBackoffMs / 1000];
    const message = `initial_backoff_seconds ${initial} is more than max_backoff_seconds ${max}`;
    const key = values.initial_backoff_seconds === undefined ? "max_backoff_seconds" : "initial_backoff_seconds";
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, key));
  }
  return {
    grpc: { ...shared, retryOn: failureReply ? [...codes, FAILURE_REPLY] : codes },
    docker: { ...shared, retryOn: exits === undefined ? base.docker.retryOn : [...DEFAULT_RETRY.retryOn, ...exits] },
  };
}
