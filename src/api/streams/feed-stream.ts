import { performance } from "node:perf_hooks";
import { type FeedItem, NOW } from "../../ports/feed.ts";
import type { RunReader } from "../../ports/runtime.ts";
import { encodeFrame } from "./frame.ts";
import { gather, PIECE_BYTES } from "./pace.ts";
import { createSharedLog, type Entry, type SharedLog } from "./shared-log.ts";

/** Runs whose last event is remembered while a reader comes to the shared end: those that may be told once more. */
const MAX_REMEMBERED = 2_000;

/** The events of all runs as pieces of event streams. */
export interface FeedStreams {
  /**
   * What follows a cursor (left out: all there is), and then what becomes durable.
   * @throws BusbarError USAGE for what is no cursor; JOURNAL_…
   */
  read(after: string | undefined, signal: AbortSignal): AsyncGenerator<Buffer>;
}

/** Whoever has come to the end reads on together with all others. */
export function createFeedStreams(runs: Pick<RunReader, "feed">): FeedStreams {
  let shared: SharedLog<FeedItem> | undefined;

  function share(): SharedLog<FeedItem> {
    // One that has broken would break whoever comes now, for as long as a slow reader holds it.
    if (shared !== undefined && shared.end() === undefined) return shared;
    const log: SharedLog<FeedItem> = createSharedLog(
      (signal) => encodeAll(runs.feed({ after: NOW, follow: true, signal })),
      () => {
        if (shared === log) shared = undefined;
      },
    );
    shared = log;
    return log;
  }

  async function* read(after: string | undefined, signal: AbortSignal): AsyncGenerator<Buffer> {
    let cursor = after;
    while (!signal.aborted) {
      const log = share();
      const leave = log.join();
      try {
        // Joined first: what is not read here comes there, and what comes twice is known by its number in its run.
        const told = new Map<string, number>();
        // Its first item says from where on it tells: a cluster takes a while to find that.
        await log.arrival(0, signal);
        let number = log.range().next;
        for await (const piece of readAlone(cursor, told, signal)) {
          cursor = piece.cursor;
          yield piece.bytes;
        }
        for (let written = 0; !signal.aborted; ) {
          const { first, next } = log.range();
          // Forgotten already: read alone again, from where it stands.
          if (number < first) break;
          const pieces: Buffer[] = [];
          let size = 0;
          for (; number < next && size < PIECE_BYTES; number += 1) {
            const entry = log.entry(number);
            if (entry === undefined || isTold(entry.key, told)) continue;
            ({ cursor } = entry.key);
            pieces.push(entry.bytes);
            size += entry.bytes.length;
          }
          if (size > 0) {
            yield Buffer.concat(pieces);
            written = performance.now();
            continue;
          }
          const end = log.end();
          if (end !== undefined && number >= log.range().next) {
            if (end.thrown !== undefined) throw end.thrown;
            return;
          }
          await log.arrival(number, signal);
          await gather(log.readers(), performance.now() - written);
        }
      } finally {
        leave();
      }
    }
  }

  /** Everything that is there after a cursor. */
  async function* readAlone(
    after: string | undefined,
    told: Map<string, number>,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly cursor: string; readonly bytes: Buffer }> {
    let pieces: Buffer[] = [];
    let size = 0;
    let cursor = "";
    for await (const item of runs.feed({ ...(after === undefined ? {} : { after }), signal })) {
      ({ cursor } = item);
      if (item.kind === "event") remember(told, item.event.run_id, item.event.seq);
      const bytes = encodeItem(item);
      pieces.push(bytes);
      size += bytes.length;
      if (size < PIECE_BYTES) continue;
      yield { cursor, bytes: Buffer.concat(pieces) };
      pieces = [];
      size = 0;
    }
    if (size > 0) yield { cursor, bytes: Buffer.concat(pieces) };
  }

  return { read };
}

/** A run that was told of last is the last to be forgotten. */
function remember(told: Map<string, number>, runId: string, seq: number): void {
  told.delete(runId);
  told.set(runId, seq);
  if (told.size <= MAX_REMEMBERED) return;
  for (const oldest of told.keys()) {
    told.delete(oldest);
    return;
  }
}

function isTold(item: FeedItem, told: ReadonlyMap<string, number>): boolean {
  if (item.kind === "now") return true;
  return item.kind === "event" && item.event.seq <= (told.get(item.event.run_id) ?? 0);
}

async function* encodeAll(items: AsyncIterable<FeedItem>): AsyncGenerator<Entry<FeedItem>> {
  for await (const item of items) yield { key: item, bytes: encodeItem(item) };
}

function encodeItem(item: FeedItem): Buffer {
  const isPlain = item.kind === "event" || item.kind === "now";
  return encodeFrame({ id: item.cursor, data: item, ...(isPlain ? {} : { event: item.kind }) });
}
