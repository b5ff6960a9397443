import type { RunEvent } from "../src/engine/events.ts";
import type { Clock } from "../src/kernel/clock.ts";
import type { ErrorInfo } from "../src/kernel/errors.ts";
import { createSteppingIds } from "../src/kernel/ids.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import type { Executor } from "../src/ports/executor.ts";
import type { FeedItem } from "../src/ports/feed.ts";
import type { Journal } from "../src/ports/journal.ts";
import type { RunLogs } from "../src/ports/run-logs.ts";
import type { RequestResult, TerminalEvent } from "../src/ports/runtime.ts";
import { createLocalRuntime } from "../src/runtimes/local/runtime.ts";
import { prune } from "../src/runtimes/shared/prune.ts";
import { readDefinition } from "../src/testing/read-definition.ts";
import type { Workflow } from "../src/workflow/workflow.ts";
import type { Asked, Kind, Which } from "./plan.ts";
import type { Process } from "./world.ts";

/**
 * What a simulation asks of a runtime. Everything that knows the Runtime port
 * stands in this file.
 */
export interface Owner {
  start(runId: string, workflow: Workflow, preflight: boolean, priority?: number): Promise<Driven>;
  resume(runId: string, by: string, preflight: boolean, how?: HowResumed): Promise<Driven>;
  /** A run `runId` of `source`. */
  rerun(source: string, runId: string, from: readonly string[], changed?: Workflow): Promise<Driven>;
  request(kind: Asked, runId: string, by: string, key: string): Promise<RequestResult>;
  watch(runId: string): AsyncIterable<RunEvent>;
  /** Where the run stands, by its view: its status and how many nodes have settled. */
  get(runId: string): Promise<{ readonly status: string; readonly lastSeq: number }>;
  /** Follows all runs. */
  feed(after: string | undefined, signal: AbortSignal): AsyncIterable<FeedItem>;
  /** The ids of the runs that went. */
  prune(which: Which): Promise<readonly string[]>;
  close(graceMs: number): Promise<void>;
}

export interface HowResumed {
  readonly changed?: Workflow | undefined;
  readonly recovery?: boolean | undefined;
}

export interface Driven {
  readonly ended: Promise<TerminalEvent>;
}

export interface OwnerPorts {
  readonly process: Process;
  readonly journal: Journal;
  readonly executors: { readonly [kind in Kind]: Executor };
  readonly clock: Clock;
  readonly logs: Pick<RunLogs, "remove" | "size">;
  readonly maxRuns: number | undefined;
}

const PREFLIGHT = { timeoutMs: 5000, waitMs: 0 };

/** Nothing is damaged here. */
function refuseDamage({ message }: ErrorInfo): never {
  throw new Error(message);
}

/** Texts are parsed once, however many simulations use them. */
const parsed = new Map<string, Promise<Workflow>>();

export function openOwner({ process, journal, executors, clock, logs, maxRuns }: OwnerPorts): Owner {
  const runtime = createLocalRuntime({
    journal,
    executors,
    clock,
    random: process.draw,
    ids: createSteppingIds(),
    secrets: createSecrets(() => undefined),
    busbarVersion: "0.0.0",
    onTrouble: () => undefined,
    ...(maxRuns === undefined ? {} : { queue: { maxRuns } }),
    readDefinition(definition) {
      const known = parsed.get(definition.text) ?? readDefinition(definition);
      parsed.set(definition.text, known);
      return known;
    },
  });
  const checked = (preflight: boolean) => (preflight ? { preflight: PREFLIGHT } : {});
  const driven = ({ runId }: { readonly runId: string }): Driven => ({ ended: runtime.wait(runId) });
  return {
    start: async (runId, { definition }, preflight, priority = 0) =>
      driven(await runtime.start({ runId, definition, priority, ...checked(preflight) })),
    async resume(runId, by, preflight, { changed, recovery = false } = {}) {
      const definition = changed === undefined ? {} : { definition: changed.definition };
      return driven(await runtime.resume(runId, { by, recovery, ...checked(preflight), ...definition }));
    },
    async rerun(source, runId, from, changed) {
      const definition = changed === undefined ? {} : { definition: changed.definition };
      return driven(await runtime.rerun(source, { runId, from, ...definition }));
    },
    request: (kind, runId, by, key) => runtime.request({ runId, kind, by, key }),
    watch: (runId) => runtime.watch(runId),
    async get(runId) {
      const { status, last_seq } = await runtime.get(runId);
      return { status, lastSeq: last_seq };
    },
    feed: (after, signal) => runtime.feed({ follow: true, signal, ...(after === undefined ? {} : { after }) }),
    async prune(which) {
      const pruned: string[] = [];
      for await (const { run_id } of prune({ journal, logs, clock, onDamage: refuseDamage }, which))
        pruned.push(run_id);
      return pruned;
    },
    close: (graceMs) => runtime.close({ graceMs }),
  };
}
