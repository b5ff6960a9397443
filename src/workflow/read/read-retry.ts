import { type AnyKind, KINDS } from "../kinds/kinds.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "../model/retry.ts";
import { type Place, placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import type { Values } from "../tree/read-fields.ts";
import type { NodeKeys } from "./keys.ts";

/** The values under `retry`, those of the keys of the kind included. */
export type RetryValues = NonNullable<Values<NodeKeys>["retry"]>;

/** What a node of each kind falls back on; the kinds differ in what allows another attempt. */
export type RetryDefaults = ReadonlyMap<AnyKind, RetryPolicy>;

type Backoff = Omit<RetryPolicy, "retryOn">;

/** The retry policy of a node of a kind: what `retry` says on top of what holds without it. */
export function readRetry(
  problems: Problems,
  kind: AnyKind,
  defaults: RetryDefaults,
  values: RetryValues | undefined,
  raw: unknown,
  place: Place,
): RetryPolicy {
  const base = defaults.get(kind) ?? DEFAULT_RETRY;
  if (values === undefined) return base;
  const backoff = readBackoff(problems, base, values, raw, place);
  return { ...backoff, retryOn: kind.retry.read(values, base.retryOn) };
}

/** What `defaults.retry` says, for each kind. */
export function readRetryDefaults(
  problems: Problems,
  values: RetryValues | undefined,
  raw: unknown,
  place: Place,
): RetryDefaults {
  if (values === undefined) return new Map();
  const backoff = readBackoff(problems, DEFAULT_RETRY, values, raw, place);
  const policyOf = (kind: AnyKind): RetryPolicy => ({
    ...backoff,
    retryOn: kind.retry.read(values, DEFAULT_RETRY.retryOn),
  });
  return new Map(KINDS.map((kind) => [kind, policyOf(kind)]));
}

function readBackoff(problems: Problems, base: Backoff, values: RetryValues, raw: unknown, place: Place): Backoff {
  const backoff: Backoff = {
    maxAttempts: values.max_attempts ?? base.maxAttempts,
    initialBackoffMs: values.initial_backoff_seconds ?? base.initialBackoffMs,
    backoffMultiplier: values.backoff_multiplier ?? base.backoffMultiplier,
    maxBackoffMs: values.max_backoff_seconds ?? base.maxBackoffMs,
  };
  if (backoff.initialBackoffMs > backoff.maxBackoffMs && typeof raw === "object") {
    const [initial, max] = [backoff.initialBackoffMs / 1000, backoff.maxBackoffMs / 1000];
    const message = `initial_backoff_seconds ${initial} is more than max_backoff_seconds ${max}`;
    const key = values.initial_backoff_seconds === undefined ? "max_backoff_seconds" : "initial_backoff_seconds";
    problems.add("WORKFLOW_INVALID_VALUE", message, placeAt(place, key));
  }
  return backoff;
}
