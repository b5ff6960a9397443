// What reads a memory store and asks something of its runs, for owners and others alike.
import type { RunEvent } from "../../engine/events.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { decodeCursor, encodeCursor } from "../../ports/cursor.ts";
import { beginFeed, type FeedEnds, type FeedPage, type FeedRow, pageOf } from "../../ports/feed.ts";
import type { JournalRequester, RunRecord } from "../../ports/journal.ts";
import { joinDefinitions, matchesFilter, refuseUnknown } from "../../ports/journal-rules.ts";
import type { Owner } from "../../ports/owner.ts";
import type { RequestRecord } from "../../ports/requests.ts";
import type { KeyedRun } from "../../ports/run-facts.ts";
import type { MemoryRun, MemoryStore } from "./store.ts";

/** What messages call a memory journal. */
export const MEMORY = "memory";

/** Events of a page of the feed. */
const PAGE_EVENTS = 200;

/** Reads a store and writes requests into it, without an owner. */
export function openMemoryRequester(store: MemoryStore): JournalRequester {
  let open = true;
  const refuseClosed = (): void => {
    if (!open) throw new BusbarError("JOURNAL_FAILED", "The journal is closed");
  };
  return {
    location: MEMORY,
    async readRun(runId) {
      refuseClosed();
      const run = store.runs.get(runId);
      return run === undefined ? undefined : recordOf(store, runId, run);
    },
    async readStored(runId) {
      refuseClosed();
      const run = store.runs.get(runId);
      if (run === undefined) return undefined;
      const requests = requestsOf(store, runId);
      const stored = { record: recordOf(store, runId, run), events: eventsOf(run), requests };
      return joinDefinitions(stored, (hash) => store.definitions.get(hash));
    },
    async listRuns(filter = {}) {
      refuseClosed();
      const before = filter.before === undefined ? Number.POSITIVE_INFINITY : decodeCursor(filter.before);
      const { limit = Number.POSITIVE_INFINITY } = filter;
      const runs: RunRecord[] = [];
      let next: string | undefined;
      for (const [runId, run] of [...store.runs].toReversed()) {
        const record = recordOf(store, runId, run);
        if (run.n >= before || !matchesFilter(record, filter)) continue;
        if (runs.length < limit) runs.push(record);
        else next ??= encodeCursor(run.n + 1);
      }
      return { runs, damaged: [], ...(next === undefined ? {} : { next }) };
    },
    async findRunIds(beginning, limit) {
      refuseClosed();
      if (store.runs.has(beginning)) return [beginning];
      return [...store.runs.keys()]
        .filter((runId) => runId.startsWith(beginning))
        .toSorted()
        .slice(0, limit);
    },
    async readEvents(runId, afterSeq = 0, limit = Number.POSITIVE_INFINITY) {
      refuseClosed();
      const run = store.runs.get(runId);
      return run === undefined ? [] : eventsOf(run, afterSeq, limit);
    },
    async readFeed(after) {
      refuseClosed();
      return feedPage(store, after);
    },
    async readDefinition(hash) {
      refuseClosed();
      return store.definitions.get(hash);
    },
    async findByKey(key) {
      refuseClosed();
      return findKey(store, key);
    },
    async readRequests(runId, filter = {}) {
      refuseClosed();
      return requestsOf(store, runId).filter(({ answer }) => !(filter.unanswered === true && answer !== undefined));
    },
    async addRequest(request) {
      refuseClosed();
      if (!store.runs.has(request.runId)) refuseUnknown(request.runId, MEMORY);
      const known = requestsOf(store, request.runId).find(({ key }) => key === request.key);
      if (known !== undefined) return known;
      store.lastRequest += 1;
      const record = { ...request, id: store.lastRequest };
      store.requests.set(record.id, record);
      store.writes += 1;
      return record;
    },
    version: () => store.writes,
    async close() {
      open = false;
    },
  };
}

export function ownerOf(store: MemoryStore, run: MemoryRun): Owner {
  const found = store.owners.get(run.ownerId);
  if (found === undefined) throw new BusbarError("INTERNAL", `Owner ${run.ownerId} is unknown`);
  return found;
}

export function findKey({ runs }: MemoryStore, key: string): KeyedRun | undefined {
  for (const [run_id, { idempotency }] of runs) {
    if (idempotency?.key === key) return { run_id, hash: idempotency.hash };
  }
  return undefined;
}

export function requestsOf({ requests }: MemoryStore, runId: string): readonly RequestRecord[] {
  return [...requests.values()].filter((request) => request.runId === runId);
}

export function recordOf(store: MemoryStore, runId: string, run: MemoryRun): RunRecord {
  return {
    runId,
    n: run.n,
    definitionHash: run.definitionHash,
    ...(run.file === undefined ? {} : { file: run.file }),
    ...run.facts,
    summary: run.summary,
    lastSeq: run.events.length,
    epoch: run.epoch,
    owner: ownerOf(store, run),
  };
}

function eventsOf(run: MemoryRun, afterSeq = 0, limit = Number.POSITIVE_INFINITY): readonly RunEvent[] {
  return run.events.slice(afterSeq, afterSeq + limit).map((text): RunEvent => JSON.parse(text));
}

function feedPage({ feed, runs, tombstones }: MemoryStore, after: string | undefined): FeedPage {
  const ends: FeedEnds = { last: feed.length, pruned: tombstones.size, crcAt: () => 0 };
  const beginning = beginFeed(after, ends);
  const { pos: first } = beginning.place;
  const rows: FeedRow[] = [];
  let pos = first;
  for (; pos < feed.length && rows.length < PAGE_EVENTS; pos += 1) {
    const [runId = "", seq = 0] = feed[pos] ?? [];
    const text = runs.get(runId)?.events[seq - 1];
    if (text !== undefined) rows.push({ pos: pos + 1, crc: 0, event: JSON.parse(text) });
  }
  return pageOf(beginning, rows, ends, pos === feed.length);
}
