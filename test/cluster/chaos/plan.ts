import type { Random } from "../../../src/kernel/random.ts";
import { workflowOf } from "../../../src/testing/workflow-of.ts";
import type { Workflow } from "../../../src/workflow/workflow.ts";
import { nodeIdOf } from "../workers/script.ts";

/** A run, and how it is to end. */
export interface PlannedRun {
  readonly workflow: Workflow;
  /** What is asked of it while it runs. */
  readonly asks: "nothing" | "pause" | "cancel";
  /** Whether one of its nodes fails for good. */
  readonly isDoomed: boolean;
  /** Whether its nodes fail where an attempt is lost. */
  readonly failsIfLost: boolean;
}

/** What breaks, and for how long, in milliseconds; then it is mended. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** Which of those it could be. */
  readonly nth: number;
  readonly ms: number;
}

export type FaultKind = keyof typeof FAULTS;

/** Milliseconds, longer than Restate takes to notice (4 s) where it has something to notice. */
const FAULTS = {
  workerKilled: 300,
  workerStopped: 6_000,
  nodeKilled: 1_500,
  // The others find it out within half a minute.
  nodeStopped: 32_000,
  workerSilent: 6_000,
  workersSilent: 5_500,
  workersCut: 500,
  ingressSilent: 2_500,
  ingressCut: 1_000,
} as const;

const SHAPES = [
  "a > b > c > d > e > f",
  "a > b, c, d, e > f",
  "a > b > d; a > c > d; d > e; d > f",
  "a, b > c > d, e; e > f",
] as const;

export function planRun(random: Random): PlannedRun {
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const isDoomed = below(10) === 0;
  const failsIfLost = below(4) === 0;
  const doomed = isDoomed ? below(6) : -1;
  const ids = new Map(
    [..."abcdef"].map((name, position) => {
      const script = { ms: 20 + below(below(4) === 0 ? 1_500 : 150), failures: below(4) === 0 ? 1 : 0 };
      return [name, nodeIdOf(name, { ...script, isDoomed: position === doomed })];
    }),
  );
  const shape = SHAPES[below(SHAPES.length)] ?? SHAPES[0];
  const literal = shape.replaceAll(/[a-f]/g, (name) => ids.get(name) ?? name);
  const draw = below(10);
  return {
    workflow: workflowOf(literal, {
      maxParallel: 3,
      onLost: failsIfLost ? "fail" : "retry",
      onFailure: below(2) === 0 ? "stop" : "continue",
      retry: { initialBackoffMs: 30, maxBackoffMs: 100 },
      timeoutMs: 120_000,
    }),
    asks: draw === 0 ? "cancel" : draw === 1 ? "pause" : "nothing",
    isDoomed,
    failsIfLost,
  };
}

/** Each kind once a round, and every node; in any order. */
export function planFaults(
  random: Random,
  { workers, nodes, stopsNodes }: { readonly workers: number; readonly nodes: number; readonly stopsNodes: boolean },
): readonly PlannedFault[] {
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const kinds = Object.keys(FAULTS) as FaultKind[];
  const faults = kinds.flatMap((kind) => {
    if (kind === "nodeStopped" && !stopsNodes) return [];
    const of =
      kind === "nodeKilled" || kind === "nodeStopped"
        ? Array.from({ length: nodes }, (_, nth) => nth)
        : [below(workers)];
    const again = kind === "workerKilled" ? [below(workers), below(workers)] : [];
    return [...of, ...again].map((nth): PlannedFault & { readonly order: number } => ({
      kind,
      nth,
      ms: FAULTS[kind] + below(500),
      order: random.next(),
    }));
  });
  return faults.sort((a, b) => a.order - b.order).map(({ kind, nth, ms }) => ({ kind, nth, ms }));
}
