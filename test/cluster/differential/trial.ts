import type { Outcome } from "../../../src/engine/outcome.ts";
import { createSeededRandom, type Random } from "../../../src/kernel/random.ts";
import { createWorkflow } from "../../../src/testing/workflow-of.ts";
import type { RetryPolicy } from "../../../src/workflow/model/retry.ts";
import type { Workflow } from "../../../src/workflow/workflow.ts";

/**
 * A workflow, how its attempts end, and what is done to its runs: all of it made of a seed.
 *
 * What a run comes to must not depend on which of two attempts was quicker, or nothing could be compared. So a trial is
 * either gated: each attempt ends when it is told to, and the next thing is done only when all that follows has been
 * recorded; or it is free: attempts end when they like, and then nothing that becomes of one node depends on when
 * another ended (`on_failure: continue`, or no failure at all, and nobody asks anything of the run meanwhile).
 */
export interface Trial {
  readonly seed: number;
  readonly isGated: boolean;
  readonly workflow: Workflow;
  /** What runs are resumed and repeated with, now and then. */
  readonly changed: Workflow;
  /** Whether the runs are checked before they start. */
  readonly preflight: "none" | "nothing found" | "warning" | "error";
  /** Whether a retry comes at once, or so late that a run in a test does not see it. */
  readonly retriesAtOnce: boolean;
  /** How an attempt ends: the same whenever and wherever it is made. */
  outcomeOf(runId: string, nodeId: string, attempt: number): Outcome;
  /** Whether it ends as cancelled when it is aborted, or as it would have ended anyway. */
  heedsAbort(nodeId: string, attempt: number): boolean;
}

export function makeTrial(seed: number): Trial {
  const random = createSeededRandom(seed);
  const chance = (part: number): boolean => random.next() < part;
  const isGated = chance(0.7);
  const size = 1 + below(random, isGated ? 12 : 25);
  const retriesAtOnce = !isGated || chance(0.7);
  const failures = chance(0.2) ? 0 : 0.1 + random.next() * 0.4;
  const mayStop = isGated || failures === 0;
  const retry: Partial<RetryPolicy> = {
    maxAttempts: 1 + below(random, 4),
    ...(retriesAtOnce
      ? { initialBackoffMs: 1, maxBackoffMs: 2 }
      : { initialBackoffMs: LATE_MS, maxBackoffMs: LATE_MS }),
  };
  // A retry that comes at once, and finds no place, is seen by nobody: when it came would decide who goes first.
  const maxParallel = isGated && retriesAtOnce ? size : 1 + below(random, size);
  const ids = Array.from({ length: size }, (_, index) => `n${index}`);
  const shared = { onFailure: mayStop && chance(0.6) ? "stop" : "continue", maxParallel } as const;
  const edges = edgesOf(random, size);
  const name = `trial-${seed}`;
  const services = { [serviceOf(seed)]: "localhost:50051" };
  const workflow = createWorkflow(name, ids, edges, { definition: "full", ...shared, services, retry });
  const changed = createWorkflow(name, ids, edges, {
    ...{ definition: "full", ...shared, services, onFailure: isGated && chance(0.5) ? "continue" : shared.onFailure },
    retry: { ...retry, maxAttempts: 1 + below(random, 4) },
    nodes: Object.fromEntries(ids.filter(() => chance(0.2)).map((id) => [id, { outputFile: `/changed/${id}` }])),
  });
  return {
    ...{ seed, isGated, workflow, changed, retriesAtOnce },
    preflight:
      (["none", "none", "nothing found", "warning", "error"] as const)[below(random, chance(0.3) ? 5 : 2)] ?? "none",
    outcomeOf: (runId, nodeId, attempt) => outcomeOf(drawOf(seed, runId, nodeId, attempt), failures),
    heedsAbort: (nodeId, attempt) => drawOf(seed, "abort", nodeId, attempt).next() < 0.7,
  };
}

/** An hour. */
const LATE_MS = 3_600_000;

/** Its only service: what a check is told. */
export const serviceOf = (seed: number): string => `service-${seed}`;

/** The runs of a trial, from 1 on. */
export const runIdOf = (seed: number, n: number): string => `trial-${seed}-${n}`;

export function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

function edgesOf(random: Random, size: number): readonly (readonly [number, number])[] {
  const rank = Array.from({ length: size }, () => random.next());
  return Array.from({ length: Math.round(size * random.next() * 2) }, () => [below(random, size), below(random, size)])
    .filter(([a, b]) => a !== b)
    .map(([a = 0, b = 0]) => ((rank[a] ?? 0) < (rank[b] ?? 0) ? [a, b] : [b, a]));
}

/** Draws of one attempt of one run. */
function drawOf(seed: number, ...words: readonly (string | number)[]): Random {
  let hash = seed;
  for (const character of words.join("/")) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  const random = createSeededRandom(hash);
  random.next();
  return random;
}

function outcomeOf(random: Random, failures: number): Outcome {
  if (random.next() >= failures) return { outcome: "succeeded", output: { message: "done", n: below(random, 1000) } };
  const timedOut = { code: "NODE_TIMED_OUT", message: "too slow", status: "DEADLINE_EXCEEDED" } as const;
  const reported = { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" } as const;
  const gone = { code: "CALL_UNAVAILABLE", message: "gone", status: "UNAVAILABLE" } as const;
  const kind = below(random, 10);
  if (kind < 6) return { outcome: "failed", error: gone };
  if (kind < 8) return { outcome: "failed", error: reported };
  if (kind < 9) return { outcome: "failed", error: gone, pushback: "never" };
  return { outcome: "timed_out", error: timedOut };
}
