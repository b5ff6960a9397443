// The Journal port in memory: for tests and for runs that need not outlive the process.
import type { RunEvent } from "../../engine/events.ts";
import type { RunSummary } from "../../engine/summary.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal, Owner, RequestRecord, RunRecord } from "../../ports/journal.ts";
import {
  checkAppend,
  checkNewRun,
  checkTakeOver,
  encodeEvents,
  matchesFilter,
  type RunHead,
  refuseAnswer,
  refuseExisting,
  refuseUnknown,
} from "../../ports/journal-rules.ts";
import type { Definition } from "../../spec/workflow.ts";

/** What several journals share; each stands for a process. */
export interface MemoryStore {
  readonly runs: Map<string, StoredRun>;
  readonly definitions: Map<string, Definition>;
  readonly owners: Map<string, Owner>;
  readonly requests: RequestRecord[];
  writes: number;
}

interface StoredRun {
  /** JSON, like the events. */
  summary: string;
  definitionHash: string;
  file: string | undefined;
  epoch: number;
  ownerId: string;
  /** JSON texts: what is read back is what was said when it was appended. */
  readonly events: string[];
}

/** A journal in memory, which can die as a process does. */
export interface MemoryJournal extends Journal {
  /** Ends the owner as a kill would: nothing pending is waited for, and every later call is refused. */
  abandon(): void;
}

export function createMemoryStore(): MemoryStore {
  return { runs: new Map(), definitions: new Map(), owners: new Map(), requests: [], writes: 0 };
}

/** A journal with a store of its own. */
export function createMemoryJournal(): MemoryJournal {
  return openMemoryJournal(createMemoryStore());
}

/** @param owner what `Owner` says of this journal; made up where left out */
export function openMemoryJournal(store: MemoryStore, owner: Partial<Omit<Owner, "alive">> = {}): MemoryJournal {
  const ownerId = owner.id ?? `memory-${store.owners.size + 1}`;
  const self: Omit<Owner, "alive"> = {
    id: ownerId,
    pid: owner.pid ?? process.pid,
    host: owner.host ?? "localhost",
    startedAt: owner.startedAt ?? new Date().toISOString(),
  };
  store.owners.set(ownerId, { ...self, alive: true });
  let open = true;
  let ownWrites = 0;

  const end = (): void => {
    open = false;
    store.owners.set(ownerId, { ...self, alive: false });
  };
  const refuseClosed = (): void => {
    if (!open) throw new BusbarError("JOURNAL_FAILED", "The journal is closed");
  };
  const ownerOf = (run: StoredRun): Owner => {
    const found = store.owners.get(run.ownerId);
    if (found === undefined) throw new BusbarError("INTERNAL", `Owner ${run.ownerId} is unknown`);
    return found;
  };
  const find = (runId: string): StoredRun => store.runs.get(runId) ?? refuseUnknown(runId);
  const wrote = (): void => {
    store.writes += 1;
    ownWrites += 1;
  };
  const addDefinition = (definition: Definition): void => {
    if (!store.definitions.has(definition.hash)) store.definitions.set(definition.hash, { ...definition });
  };

  return {
    ownerId,
    abandon: end,
    async close() {
      end();
    },
    async create(run) {
      refuseClosed();
      checkNewRun(run);
      const events = [...encodeEvents({ runId: run.runId, epoch: 1, events: run.events })];
      if (store.runs.has(run.runId)) refuseExisting(run.runId);
      addDefinition(run.definition);
      store.runs.set(run.runId, {
        summary: JSON.stringify(run.summary),
        definitionHash: run.definition.hash,
        file: run.definition.file,
        epoch: 1,
        ownerId,
        events,
      });
      wrote();
    },
    async append(append) {
      refuseClosed();
      const texts = encodeEvents(append);
      const run = find(append.runId);
      checkAppend(headOf(append.runId, run), append, ownerId);
      const answered = answer(store, append.runId, append.answers ?? []);
      run.events.push(...texts);
      run.summary = JSON.stringify(append.summary);
      for (const [index, record] of answered) store.requests[index] = record;
      wrote();
    },
    async takeOver(append) {
      refuseClosed();
      const texts = encodeEvents(append);
      const run = find(append.runId);
      checkTakeOver(headOf(append.runId, run), summaryOf(run).status, append, ownerId, () => ownerOf(run));
      const answered = answer(store, append.runId, append.answers ?? []);
      if (append.definition !== undefined) {
        addDefinition(append.definition);
        run.definitionHash = append.definition.hash;
        run.file = append.definition.file;
      }
      run.events.push(...texts);
      run.summary = JSON.stringify(append.summary);
      run.epoch = append.epoch;
      run.ownerId = ownerId;
      for (const [index, record] of answered) store.requests[index] = record;
      wrote();
    },
    async readRun(runId) {
      refuseClosed();
      const run = store.runs.get(runId);
      return run === undefined ? undefined : toRecord(runId, run, ownerOf(run));
    },
    async listRuns(filter = {}) {
      refuseClosed();
      const records = [...store.runs].toReversed().map(([runId, run]) => toRecord(runId, run, ownerOf(run)));
      return records.filter((record) => matchesFilter(record, filter)).slice(0, filter.limit);
    },
    async readEvents(runId, afterSeq = 0) {
      refuseClosed();
      const texts = store.runs.get(runId)?.events ?? [];
      return texts.slice(afterSeq).map((text): RunEvent => JSON.parse(text));
    },
    async readDefinition(hash) {
      refuseClosed();
      return store.definitions.get(hash);
    },
    async addRequest(request) {
      refuseClosed();
      find(request.runId);
      const known = store.requests.find((r) => r.runId === request.runId && r.key === request.key);
      if (known !== undefined) return known;
      const record = { ...request, id: store.requests.length + 1 };
      store.requests.push(record);
      store.writes += 1;
      return record;
    },
    async readRequests(runId, filter = {}) {
      refuseClosed();
      return store.requests.filter((r) => r.runId === runId && !(filter.unanswered === true && r.answer !== undefined));
    },
    version: () => store.writes - ownWrites,
  };
}

function headOf(runId: string, run: StoredRun): RunHead {
  return { runId, lastSeq: run.events.length, epoch: run.epoch, ownerId: run.ownerId };
}

function summaryOf(run: StoredRun): RunSummary {
  return JSON.parse(run.summary);
}

function toRecord(runId: string, run: StoredRun, owner: Owner): RunRecord {
  return {
    runId,
    definitionHash: run.definitionHash,
    ...(run.file === undefined ? {} : { file: run.file }),
    summary: summaryOf(run),
    lastSeq: run.events.length,
    epoch: run.epoch,
    owner,
  };
}

/** The requests with their answers, and where they stand; nothing is changed yet. */
function answer(
  store: MemoryStore,
  runId: string,
  answers: readonly { readonly requestId: number; readonly answer: NonNullable<RequestRecord["answer"]> }[],
): readonly (readonly [number, RequestRecord])[] {
  return answers.map(({ requestId, answer }) => {
    const index = requestId - 1;
    const request = store.requests[index];
    if (request === undefined || request.runId !== runId || request.answer !== undefined)
      refuseAnswer(runId, requestId);
    return [index, { ...request, answer: structuredClone(answer) }] as const;
  });
}
