import type { Admin } from "../../adapters/restate/admin.ts";
import {
  type ChangedDrive,
  countDeleted,
  selectChangedDrives,
  selectLastChange,
} from "../../adapters/restate/changes.ts";
import type { RunPlace } from "../../adapters/restate/cursor.ts";
import { damagedAt } from "../../adapters/restate/damage.ts";
import type { Ingress } from "../../adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../adapters/restate/names.ts";
import { type OldRun, selectBroken, selectOldest, selectPositions } from "../../adapters/restate/stored-runs.ts";
import type { EventsInput, EventsPage } from "../../adapters/restate/wire.ts";
import type { RunEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { pause } from "../../kernel/pause.ts";
import { type FeedItem, NOW } from "../../ports/feed.ts";
import type { FeedOptions } from "../../ports/runtime.ts";
import { createWaits, type Pace } from "../shared/looks.ts";
import { type ClusterPlace, decodePlace, encodePlace } from "./feed-cursor.ts";

/**
 * How far the clocks of Restate's nodes may be apart, together with how long what is written may take to be seen: so
 * much of what was seen before is looked at again.
 */
const OVERLAP_MS = 10_000;
/**
 * By how much the times that events say may be behind the moment of their recording, for whoever goes on from a cursor of
 * another process: the clocks of workers, and a time without any worker, after an attempt and before it is recorded.
 */
const LAG_MS = 300_000;
/** After a day Restate forgets the drives that have ended, and with them that their runs changed. */
const MEMORY_MS = 20 * 3_600_000;
/** How long a follower bears that Restate answers with errors. */
const AWAY_MS = 60_000;
/** Runs that are told of at once from the beginning, those that are read at once, and events of one. */
const PAGE_RUNS = 100;
const ABREAST = 8;
const PAGE_EVENTS = 200;

export interface ClusterFeedTools {
  readonly ingress: Ingress;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly pace: Pace;
}

/** What one follower knows. */
interface Following {
  place: ClusterPlace;
  /** Of runs that may change, or changed of late: the last event that was given. */
  readonly given: Map<string, { readonly seq: number; readonly hasEnded: boolean }>;
  /** What the drives of late were, by their invocation. */
  seen: ReadonlyMap<string, string>;
}

/** An item that still lacks its place. */
type Told =
  | { readonly kind: "event"; readonly event: RunEvent }
  | Omit<Extract<FeedItem, { kind: "damaged" }>, "cursor">;

/**
 * The events of all runs of a cluster, each at least once: an event may come again to whoever goes on from a cursor, and
 * is known by its number in its run. Those of one run come in their order; of several runs every follower has its own.
 *
 * A look asks for the drives that changed since the last one, and reads what their runs recorded since: it costs what
 * changes, and one pass over the drives of a day. A follower keeps a number for each run that has not ended.
 */
export function createClusterFeed(tools: ClusterFeedTools): {
  feed(options?: FeedOptions): AsyncIterable<FeedItem>;
  close(): void;
} {
  const { admin, clock, pace } = tools;
  const closing = new AbortController();

  async function* feed({ after, follow = false, signal }: FeedOptions = {}): AsyncIterable<FeedItem> {
    const over = AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])]);
    if (over.aborted) return;
    const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
    over.addEventListener("abort", () => stop(undefined), { once: true });
    const items = tell(after, follow, over);
    try {
      for (;;) {
        // What is asked of a cluster without workers is not answered for a while; nobody who stops waits for that.
        const next = await Promise.race([items.next(), stopped]);
        if (next === undefined || next.done === true || over.aborted) return;
        yield next.value;
      }
    } finally {
      items.return(undefined).catch(() => undefined);
    }
  }

  async function* tell(after: string | undefined, follow: boolean, over: AbortSignal): AsyncGenerator<FeedItem> {
    const following: Following = { place: { sinceMs: 0, deleted: 0 }, given: new Map(), seen: new Map() };
    yield* begin(following, after);
    if (following.place.walked !== undefined) yield* walk(following, following.place.walked);
    const waits = createWaits(pace);
    let lookedMs = clock.monotonic();
    while (!over.aborted) {
      try {
        for await (const item of look(following)) {
          waits.reset();
          yield item;
        }
        lookedMs = clock.monotonic();
      } catch (thrown) {
        // A partition has no leader for a while after a node has died.
        const isAway = thrown instanceof BusbarError && thrown.code === "CLUSTER_FAILED";
        if (!follow || !isAway || clock.monotonic() - lookedMs > AWAY_MS) throw thrown;
      }
      if (!follow) return;
      await pause(clock, waits.next(), over);
    }
  }

  async function* begin(following: Following, after: string | undefined): AsyncGenerator<FeedItem> {
    const known = after === undefined || after === NOW ? undefined : decodePlace(after);
    const sinceMs = await selectLastChange(admin);
    const now: ClusterPlace = { sinceMs, deleted: await countDeleted(admin) };
    const start: ClusterPlace = { ...now, walked: { createdMs: 0, runId: "" } };
    following.place = known ?? (after === NOW ? now : start);
    if (after === NOW) {
      const recent = (await selectChangedDrives(admin, sinceMs - OVERLAP_MS)).map(({ runId }) => runId);
      for (const [runId, seq] of await selectPositions(admin, recent))
        following.given.set(runId, { seq, hasEnded: false });
      yield { kind: "now", cursor: encodePlace(now) };
    }
    if (known === undefined) return;
    if (known.deleted > now.deleted || now.sinceMs - known.sinceMs > MEMORY_MS) {
      following.place = start;
      yield { kind: "reset", reason: "unknown", cursor: encodePlace(start) };
    } else if (known.deleted < now.deleted) {
      following.place = { ...known, deleted: now.deleted };
      yield { kind: "reset", reason: "pruned", cursor: encodePlace(following.place) };
    }
  }

  /** All that is there, a run after the other in the order of their making. */
  async function* walk(following: Following, from: RunPlace): AsyncGenerator<FeedItem> {
    for (let walked = from, isEnd = false; !isEnd; ) {
      const page = await selectOldest(admin, walked, PAGE_RUNS);
      isEnd = page.length < PAGE_RUNS;
      for (let first = 0; first < page.length; first += ABREAST) {
        const some = page.slice(first, first + ABREAST);
        const pages = await Promise.all(some.map(({ runId, error }) => (error ? null : readPage(tools, runId, 0))));
        for (const [index, run] of some.entries()) {
          const { runId, createdMs } = run;
          if (!Number.isNaN(createdMs)) walked = { createdMs, runId };
          const told = run.error === undefined ? rest(tools, following, runId, 0, pages[index] ?? null) : toldOf([run]);
          yield* placed(following, told, { walked });
        }
      }
    }
    const { walked: _, ...place } = following.place;
    const broken = toldOf(await selectBroken(admin));
    following.place = place;
    yield* placed(following, broken, {});
  }

  async function* look(following: Following): AsyncGenerator<FeedItem> {
    const { place, given, seen } = following;
    const drives = await selectChangedDrives(admin, place.sinceMs - OVERLAP_MS);
    const changed = new Set(drives.filter((one) => seen.get(one.invocation) !== one.version).map(({ runId }) => runId));
    const sinceMs = Math.max(place.sinceMs, ...drives.slice(-1).map(({ changedMs }) => changedMs));
    yield* placed(following, told(), { sinceMs });
    following.seen = new Map(drives.map(({ invocation, version }) => [invocation, version]));
    const recent = new Set(drives.map(({ runId }) => runId));
    for (const [runId, { hasEnded }] of given) if (hasEnded && !recent.has(runId)) given.delete(runId);

    async function* told(): AsyncGenerator<Told> {
      const runIds = [...changed];
      for (let from = 0; from < runIds.length; from += ABREAST) {
        const some = runIds.slice(from, from + ABREAST);
        const pages = await Promise.all(
          some.map(async (runId) => {
            const seq = given.get(runId)?.seq ?? (await findPosition(tools, runId, place.sinceMs, drives));
            return { runId, seq, page: await readPage(tools, runId, seq) };
          }),
        );
        for (const { runId, seq, page } of pages) yield* rest(tools, following, runId, seq, page);
      }
    }
  }

  return { feed, close: () => closing.abort() };
}

/** Gives items their places: that of before, and with the last of them the one after it. */
async function* placed(
  following: Following,
  items: AsyncIterable<Told> | Iterable<Told>,
  next: Partial<ClusterPlace>,
): AsyncGenerator<FeedItem> {
  const cursor = encodePlace(following.place);
  let held: Told | undefined;
  for await (const item of items) {
    if (held !== undefined) yield { ...held, cursor };
    held = item;
  }
  following.place = { ...following.place, ...next };
  if (held !== undefined) yield { ...held, cursor: encodePlace(following.place) };
}

/** What follows in a run, page by page; the first is there already. */
async function* rest(
  tools: ClusterFeedTools,
  { given }: Following,
  runId: string,
  afterSeq: number,
  first: EventsPage | null,
): AsyncGenerator<Told> {
  let seq = afterSeq;
  // It was deleted where there is no page.
  for (let page = first; page !== null; page = await readPage(tools, runId, seq)) {
    const { events, head } = page;
    for (const event of events) {
      if (event.seq !== seq + 1) yield { kind: "damaged", error: damagedAt(runId, seq + 1).toInfo() };
      yield { kind: "event", event };
      ({ seq } = event);
    }
    if (events.length === 0 && seq < head.lastSeq) {
      yield { kind: "damaged", error: damagedAt(runId, seq + 1).toInfo() };
      seq = head.lastSeq;
    }
    given.set(runId, { seq, hasEnded: isTerminalRun(head.summary.status) });
    if (seq >= head.lastSeq) return;
  }
}

/** After which event a run goes on that this follower has not told of. */
async function findPosition(
  tools: ClusterFeedTools,
  runId: string,
  sinceMs: number,
  drives: readonly ChangedDrive[],
): Promise<number> {
  const page = await readPage(tools, runId, 0, 1);
  if (page === null) return 0;
  const { head } = page;
  const ours = drives.filter((drive) => drive.runId === runId);
  const later = ours.filter(({ submittedMs }) => submittedMs >= sinceMs - OVERLAP_MS).length;
  // What a drive recorded that began since is all to be told; of another, what says that it happened since.
  const epoch = head.epoch - later + 1;
  const at = later === ours.length ? Number.POSITIVE_INFINITY : sinceMs - LAG_MS;
  let low = 0;
  let high = head.lastSeq;
  while (low < high) {
    const middle = (low + high) >> 1;
    const [event] = (await readPage(tools, runId, middle, 1))?.events ?? [];
    if (event === undefined || event.epoch >= epoch || Date.parse(event.at) >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function readPage(
  { ingress }: ClusterFeedTools,
  runId: string,
  afterSeq: number,
  limit: number = PAGE_EVENTS,
): Promise<EventsPage | null> {
  const input: EventsInput = { afterSeq, limit };
  return ingress.call({ service: RUN_OBJECT, key: runId, handler: "events" }, input);
}

const toldOf = (runs: readonly OldRun[]): readonly Told[] =>
  runs.flatMap(({ error }) => (error === undefined ? [] : [{ kind: "damaged", error }]));
