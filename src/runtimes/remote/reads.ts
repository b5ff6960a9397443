import type { RunEvent } from "../../engine/events.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { FeedItem } from "../../ports/feed.ts";
import type { KeyedRun } from "../../ports/run-facts.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { RunList, RunReader, RunView, TerminalEvent } from "../../ports/runtime.ts";
import { followStream } from "./follow.ts";
import { readLogs } from "./logs.ts";
import { ask, hasCode, type RemoteTools, runPath } from "./tools.ts";

/** What the server gives at once, at most. */
const PAGE_RUNS = 500;
const PAGE_EVENTS = 1_000;

/** The reading side of a server. */
export function createRemoteReads(tools: RemoteTools): RunReader {
  const get = async <T>(path: string, query = {}): Promise<T> =>
    (await ask<T>(tools, { method: "GET", path, query })).value;

  return {
    get: async (runId) => get<RunView>(runPath(tools, runId)),
    list: (filter) => listRuns(get, filter),
    async resolve(name) {
      return (await get<{ readonly run_id: string }>("/resolve", { run: name })).run_id;
    },
    async events(runId, afterSeq = 0, limit = Number.POSITIVE_INFINITY) {
      const path = `${runPath(tools, runId)}/events`;
      const events: RunEvent[] = [];
      for (let after = afterSeq; ; ) {
        const wanted = Math.min(PAGE_EVENTS, limit - events.length);
        const page = await get<EventPage>(path, { after, limit: wanted });
        events.push(...page.events);
        if (page.next === undefined || events.length >= limit) return events;
        after = page.next;
      }
    },
    async *watch(runId, { afterSeq = 0, signal } = {}) {
      const path = `${runPath(tools, runId)}/events`;
      let last = afterSeq;
      const place = () => ({ path, headers: { "last-event-id": `${runId}:${last}` } });
      for await (const { event, data } of followStream(tools, place, signal, { beats: true })) {
        if (event !== "") continue;
        const told: RunEvent = JSON.parse(data);
        if (told.seq <= last) continue;
        last = told.seq;
        yield told;
      }
    },
    async *feed({ after, follow = false, signal } = {}) {
      if (!follow) return yield* readFeed(get, after, signal);
      let cursor = "";
      const place = () => ({
        path: "/feed",
        query: { after },
        headers: cursor === "" ? {} : { "last-event-id": cursor },
      });
      for await (const { event, data } of followStream(tools, place, signal, { beats: true })) {
        if (event !== "" && event !== "reset" && event !== "damaged") continue;
        const item: FeedItem = JSON.parse(data);
        ({ cursor } = item);
        yield item;
      }
    },
    async wait(runId, { signal } = {}) {
      const path = `${runPath(tools, runId)}/wait`;
      try {
        for (;;) {
          const { value } = await ask<{ readonly end: TerminalEvent | null }>(tools, { method: "GET", path, signal });
          if (value.end !== null) return value.end;
        }
      } catch (thrown) {
        signal?.throwIfAborted();
        if (!tools.connection.closed.aborted) throw thrown;
        throw new BusbarError(
          "RUN_LEFT",
          `the connection to ${tools.connection.url} was closed before run ${runId} ended`,
        );
      }
    },
    async findByKey(key) {
      try {
        return await get<KeyedRun>(`/idempotency-keys/${encodeURIComponent(key)}`);
      } catch (thrown) {
        if (hasCode(thrown, "RUN_NOT_FOUND")) return undefined;
        throw thrown;
      }
    },
    logs: (runId, filter) => readLogs(tools, runId, filter),
  };
}

interface EventPage {
  readonly events: readonly RunEvent[];
  readonly next?: number;
}

type Get = <T>(path: string, query?: { readonly [name: string]: string | number | boolean | undefined }) => Promise<T>;

async function listRuns(get: Get, filter: RunFilter = {}): Promise<RunList> {
  const { limit = Number.POSITIVE_INFINITY, createdBefore, endedSince, endedBefore, ...same } = filter;
  const query = { ...same, created_before: createdBefore, ended_since: endedSince, ended_before: endedBefore };
  const runs: RunList["runs"][number][] = [];
  const damaged: RunList["damaged"][number][] = [];
  for (let before = filter.before; ; ) {
    const page = await get<RunList>("/runs", { ...query, before, limit: Math.min(PAGE_RUNS, limit - runs.length) });
    runs.push(...page.runs);
    damaged.push(...page.damaged);
    if (page.next === undefined) return { runs, damaged };
    if (runs.length >= limit) return { runs, damaged, next: page.next };
    before = page.next;
  }
}

async function* readFeed(
  get: Get,
  from: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeedItem> {
  let after = from;
  do {
    const page = await get<{ readonly items: readonly FeedItem[]; readonly next?: string }>("/feed", { after });
    for (const item of page.items) {
      if (signal?.aborted === true) return;
      yield item;
    }
    after = page.next;
  } while (after !== undefined);
}
