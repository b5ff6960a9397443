// The Journal port in memory: for tests and for runs that need not outlive the process.

import type { Answer } from "../../engine/requests.ts";
import { isTerminalRun } from "../../engine/status.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import {
  checkAnswer,
  checkAppend,
  checkNewRun,
  checkTakeOver,
  encodeEvents,
  mayPrune,
  type RunHead,
  refuseExisting,
  refusePruned,
  refuseUnknown,
  refuseUsedKey,
} from "../../ports/journal-rules.ts";
import type { Owner } from "../../ports/owner.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { OutcomePlace } from "../../ports/run-outcomes.ts";
import type { Definition } from "../../workflow/model/definition.ts";
import { findKey, MEMORY, openMemoryRequester, ownerOf, recordOf, requestsOf } from "./requester.ts";
import { createMemoryStore, type MemoryRun, type MemoryStore } from "./store.ts";

/** A journal in memory, which can die as a process does. */
export interface MemoryJournal extends Journal {
  /** Ends the owner as a kill would: nothing pending is waited for, and every later call is refused. */
  abandon(): void;
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
  const requester = openMemoryRequester(store);
  let open = true;
  let ownWrites = 0;

  const end = (): void => {
    open = false;
    void requester.close();
    store.owners.set(ownerId, { ...self, alive: false });
  };
  const refuseClosed = (): void => {
    if (!open) throw new BusbarError("JOURNAL_FAILED", "The journal is closed");
  };
  const find = (runId: string): MemoryRun => store.runs.get(runId) ?? refuseUnknown(runId, MEMORY);
  const wrote = (): void => {
    store.writes += 1;
    ownWrites += 1;
  };
  const addEvents = (runId: string, run: MemoryRun, texts: readonly string[]): void => {
    for (const text of texts) {
      run.events.push(text);
      store.feed.push([runId, run.events.length]);
    }
  };
  const addDefinition = (definition: Definition): void => {
    if (!store.definitions.has(definition.hash)) store.definitions.set(definition.hash, { ...definition });
  };

  return {
    ...requester,
    ownerId,
    abandon: end,
    async close() {
      end();
    },
    async create(run) {
      refuseClosed();
      checkNewRun(run);
      const events = encodeEvents({ runId: run.runId, epoch: 1, events: run.events });
      const { origin, priority, idempotency } = run;
      const keyed = idempotency === undefined ? undefined : findKey(store, idempotency.key);
      if (keyed !== undefined) refuseUsedKey(keyed);
      if (store.runs.has(run.runId)) refuseExisting(run.runId);
      const tombstone = store.tombstones.get(run.runId);
      if (tombstone !== undefined) refusePruned(run.runId, tombstone.prunedAt);
      addDefinition(run.definition);
      store.lastRun += 1;
      store.runs.set(run.runId, {
        n: store.lastRun,
        facts: { ...(origin === undefined ? {} : { origin }), ...(priority === undefined ? {} : { priority }) },
        idempotency: idempotency === undefined ? undefined : { ...idempotency },
        summary: run.summary,
        definitionHash: run.definition.hash,
        earlierHashes: new Set(),
        file: run.definition.file,
        epoch: 1,
        ownerId,
        events: [],
      });
      addEvents(run.runId, find(run.runId), events);
      wrote();
    },
    async append(append) {
      refuseClosed();
      const texts = encodeEvents(append);
      const run = find(append.runId);
      checkAppend(headOf(append.runId, run), append, ownerId);
      const answered = answer(store, append.runId, append.answers ?? []);
      addEvents(append.runId, run, texts);
      run.summary = append.summary;
      for (const record of answered) store.requests.set(record.id, record);
      wrote();
    },
    async takeOver(append) {
      refuseClosed();
      const texts = encodeEvents(append);
      const run = find(append.runId);
      checkTakeOver(headOf(append.runId, run), run.summary.status, append, ownerId, () => ownerOf(store, run));
      const answered = answer(store, append.runId, append.answers ?? []);
      if (append.definition !== undefined) {
        addDefinition(append.definition);
        run.earlierHashes.add(run.definitionHash);
        run.definitionHash = append.definition.hash;
        run.file = append.definition.file;
      }
      addEvents(append.runId, run, texts);
      run.summary = append.summary;
      run.epoch = append.epoch;
      run.ownerId = ownerId;
      for (const record of answered) store.requests.set(record.id, record);
      wrote();
    },
    async prune(runId, at) {
      refuseClosed();
      const run = store.runs.get(runId);
      if (run === undefined) return false;
      const { status, ended_at } = run.summary;
      const facts = {
        status,
        ended: ended_at === undefined ? null : Date.parse(ended_at),
      };
      if (!mayPrune(facts, at, () => ownerOf(store, run).alive)) return false;
      store.runs.delete(runId);
      for (const { id } of requestsOf(store, runId)) store.requests.delete(id);
      for (const hash of hashesOf(run)) if (!isNeeded(store, hash)) store.definitions.delete(hash);
      store.tombstones.set(runId, { prunedAt: at, hasLogs: true });
      wrote();
      return true;
    },
    async readSize(runId) {
      refuseClosed();
      const runs = runId === undefined ? [...store.runs.values()] : [store.runs.get(runId)];
      return runs.flatMap((run) => run?.events ?? []).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    },
    async readUnswept() {
      refuseClosed();
      return [...store.tombstones].flatMap(([runId, { hasLogs }]) => (hasLogs ? [runId] : []));
    },
    async countRuns() {
      refuseClosed();
      const counts = { pending: 0, running: 0, interrupted: 0, succeeded: 0, failed: 0, cancelled: 0 };
      for (const [runId, run] of store.runs) {
        const { owner, summary } = recordOf(store, runId, run);
        counts[isTerminalRun(summary.status) || owner.alive ? summary.status : "interrupted"] += 1;
      }
      return counts;
    },
    async readOutcomes({ from, towards, limit }) {
      refuseClosed();
      const sign = towards === "later" ? 1 : -1;
      const compare = (a: OutcomePlace, b: OutcomePlace): number => sign * (a.ended - b.ended || a.n - b.n);
      return [...store.runs.values()]
        .flatMap(({ n, summary: { workflow, status, ended_at } }) =>
          ended_at === undefined ? [] : [{ n, ended: Date.parse(ended_at), workflow, status }],
        )
        .filter((outcome) => compare(outcome, from) > 0)
        .toSorted(compare)
        .slice(0, limit);
    },
    async noteSwept(runIds) {
      refuseClosed();
      for (const tombstone of runIds.map((runId) => store.tombstones.get(runId)))
        if (tombstone) tombstone.hasLogs = false;
    },
    async giveBack() {
      refuseClosed();
    },
    async readUnanswered() {
      refuseClosed();
      return [...store.requests.values()].filter(
        ({ runId, answer }) => answer === undefined && store.runs.get(runId)?.ownerId === ownerId,
      );
    },
    version: () => store.writes - ownWrites,
  };
}

function headOf(runId: string, run: MemoryRun): RunHead {
  return { runId, lastSeq: run.events.length, epoch: run.epoch, ownerId: run.ownerId };
}

function hashesOf({ definitionHash, earlierHashes }: MemoryRun): readonly string[] {
  return [definitionHash, ...earlierHashes];
}

function isNeeded({ runs }: MemoryStore, hash: string): boolean {
  return [...runs.values()].some((run) => hashesOf(run).includes(hash));
}

/** The requests with their answers; nothing is changed yet. */
function answer(store: MemoryStore, runId: string, answers: readonly Answer[]): readonly RequestRecord[] {
  return answers.map(({ requestId, answer }) => ({
    ...checkAnswer(runId, requestId, store.requests.get(requestId)),
    answer: structuredClone(answer),
  }));
}
