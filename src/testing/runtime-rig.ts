import assert from "node:assert/strict";
import { type MemoryJournal, openMemoryJournal } from "../adapters/journal-memory/journal.ts";
import { createMemoryStore, type MemoryStore } from "../adapters/journal-memory/store.ts";
import type { RunEvent } from "../engine/events.ts";
import { createSteppingClock, type SteppingClock } from "../kernel/clock.ts";
import { createSteppingIds } from "../kernel/ids.ts";
import { createSeededRandom } from "../kernel/random.ts";
import { createSecrets } from "../kernel/secrets.ts";
import type { Executor } from "../ports/executor.ts";
import type { Append, Journal } from "../ports/journal.ts";
import type { ResumeOptions, StartedRun, TerminalEvent } from "../ports/runtime.ts";
import { createLocalRuntime, type LocalRuntime, type LocalRuntimeOptions } from "../runtimes/local/runtime.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { readDefinition } from "./read-definition.ts";

/** A local runtime on a journal in memory, with a clock that moves only when told to. */
export interface Rig {
  readonly clock: SteppingClock;
  readonly journal: MemoryJournal;
  readonly runtime: LocalRuntime;
  readonly appends: readonly (readonly RunEvent[])[];
  /** Lets everything that is due happen, then steps the clock. */
  step(ms?: number): Promise<void>;
  /** What comes of the work while the clock steps on. @throws AssertionError if nothing does within five minutes of it */
  until<T>(work: Promise<T>): Promise<T>;
}

export interface RigOptions
  extends Partial<
    Pick<LocalRuntimeOptions, "secrets" | "onStall" | "onTrouble" | "observers" | "logs" | "origin" | "queue">
  > {
  readonly store?: MemoryStore;
  readonly clock?: SteppingClock;
  /** What stands between the runtime and its journal. */
  readonly wrap?: (journal: Journal) => Journal;
}

export function createRig(
  executor: Executor,
  {
    store = createMemoryStore(),
    clock = createSteppingClock(),
    wrap = (journal) => journal,
    ...options
  }: RigOptions = {},
): Rig {
  const journal = openMemoryJournal(store);
  const step = async (ms = 0): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const appends: (readonly RunEvent[])[] = [];
  const runtime = createLocalRuntime({
    journal: wrap(recording(journal, appends)),
    executors: { grpc: executor },
    clock,
    random: createSeededRandom(1),
    ids: createSteppingIds(),
    secrets: createSecrets(() => undefined),
    busbarVersion: "0.0.0",
    readDefinition,
    ...options,
  });
  return {
    clock,
    journal,
    runtime,
    appends,
    step,
    async until(work) {
      let isDone = false;
      const done = (): void => {
        isDone = true;
      };
      work.then(done, done);
      for (let turn = 0; turn < 3000 && !isDone; turn += 1) await step(100);
      assert.ok(isDone, "it does not end");
      return work;
    },
  };
}

function recording(journal: MemoryJournal, appends: (readonly RunEvent[])[]): Journal {
  const kept =
    <T extends Append | Parameters<Journal["create"]>[0]>(work: (append: T) => Promise<void>) =>
    async (append: T) => {
      await work(append);
      appends.push(append.events);
    };
  return {
    ...journal,
    ownerId: journal.ownerId,
    create: kept((run) => journal.create(run)),
    append: kept((append) => journal.append(append)),
    takeOver: kept((append) => journal.takeOver(append)),
  };
}

/** One word an event, and its node. */
export const typesOf = (events: readonly RunEvent[]): string[] =>
  events.map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));

/** With a promise of its end, which may reject unheard. */
export function withEnd<R extends StartedRun>(
  { runtime }: Rig,
  run: R,
): R & { readonly ended: Promise<TerminalEvent> } {
  const ended = runtime.wait(run.runId);
  ended.catch(() => undefined);
  return { ...run, ended };
}

export const start = async (rig: Rig, { definition }: Pick<Workflow, "definition">, preflight = false) =>
  withEnd(
    rig,
    await rig.runtime.start({ definition, ...(preflight ? { preflight: { timeoutMs: 5000, waitMs: 0 } } : {}) }),
  );

export const resume = async (rig: Rig, runId: string, options: Partial<ResumeOptions> = {}) =>
  withEnd(rig, await rig.runtime.resume(runId, { by: "test", ...options }));
