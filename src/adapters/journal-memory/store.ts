import type { RunSummary } from "../../engine/summary.ts";
import type { Owner } from "../../ports/owner.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { Idempotency, RunFacts } from "../../ports/run-facts.ts";
import type { Definition } from "../../workflow/model/definition.ts";

/** What several journals share; each stands for a process. */
export interface MemoryStore {
  readonly runs: Map<string, MemoryRun>;
  readonly definitions: Map<string, Definition>;
  readonly owners: Map<string, Owner>;
  /** By their ids, in order of arrival. */
  readonly requests: Map<number, RequestRecord>;
  /** The highest id that a request ever had. */
  lastRequest: number;
  /** Of runs that were pruned: when, and whether their logs may be there. */
  readonly tombstones: Map<string, { readonly prunedAt: string; hasLogs: boolean }>;
  writes: number;
  /** The highest `n` that a run ever had. */
  lastRun: number;
  /** All events in the order of their appends, as run and `seq`; that of position p at p - 1. */
  readonly feed: (readonly [runId: string, seq: number])[];
}

export interface MemoryRun {
  /** Position in the order of making. */
  readonly n: number;
  readonly facts: RunFacts;
  readonly idempotency: Idempotency | undefined;
  /** As it was given: made anew for each append, and nobody changes it. */
  summary: RunSummary;
  definitionHash: string;
  /** Of the workflows that it had before. */
  readonly earlierHashes: Set<string>;
  file: string | undefined;
  epoch: number;
  ownerId: string;
  /** JSON texts: what is read back is what was said when it was appended. */
  readonly events: string[];
}

export function createMemoryStore(): MemoryStore {
  return {
    runs: new Map(),
    definitions: new Map(),
    owners: new Map(),
    requests: new Map(),
    lastRequest: 0,
    tombstones: new Map(),
    writes: 0,
    lastRun: 0,
    feed: [],
  };
}
