import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunEvent } from "../../engine/events.ts";
import type { RunReader } from "../../ports/runtime.ts";
import { findOver, TAKE_UP_MS } from "../run-end.ts";
import { encodeFrame } from "./frame.ts";
import { gather, PIECE_BYTES } from "./pace.ts";
import { createSharedLog, type Entry, type SharedLog } from "./shared-log.ts";

/** Events that are read from the journal at once. */
const PAGE_EVENTS = 200;

/** The events of single runs as pieces of event streams. */
export interface RunStreams {
  /**
   * Events with `seq` > afterSeq, and what follows as it becomes durable, until the run has ended or nobody drives it;
   * that is told by `event: end`.
   * @throws BusbarError RUN_NOT_FOUND, JOURNAL_…
   */
  read(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<Buffer>;
}

/** The end of one run, as it comes. */
interface SharedRun {
  readonly log: SharedLog<number>;
  /** The event that its first entry follows. */
  readonly from: number;
}

/** How far a reader has come, and what is next: read what is recorded, look again a little later, or nothing. */
interface Followed {
  readonly last: number;
  readonly way: "read" | "wait" | "over";
}

/**
 * Whoever reads the end of a run reads it together with all others.
 * @param isTakenUp whether a run that nobody drives is about to be taken up: then it is not over
 */
export function createRunStreams(
  runs: Pick<RunReader, "events" | "watch" | "get">,
  isTakenUp: (runId: string) => boolean,
): RunStreams {
  const shared = new Map<string, SharedRun>();

  function share(runId: string, from: number): SharedRun {
    const known = shared.get(runId);
    // One that has ended says nothing of a run that goes on since, and slow readers may hold it for long.
    if (known !== undefined && known.log.end() === undefined) return known;
    const log: SharedLog<number> = createSharedLog(
      (signal) => encodeAll(runs.watch(runId, { afterSeq: from, signal })),
      () => {
        if (shared.get(runId) === opened) shared.delete(runId);
      },
    );
    const opened: SharedRun = { log, from };
    shared.set(runId, opened);
    return opened;
  }

  async function* read(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    let last = afterSeq;
    // An event that is known to be there, or the beginning.
    let there = afterSeq === 0 ? 0 : undefined;
    while (!signal.aborted) {
      for (;;) {
        const page = await runs.events(runId, last, PAGE_EVENTS);
        if (page.length > 0) yield Buffer.concat(page.map(encodeEvent));
        last = page.at(-1)?.seq ?? last;
        if (page.length > 0) there = last;
        if (page.length < PAGE_EVENTS || signal.aborted) break;
      }
      there ??= await findPlace(runId, last);
      const followed = yield* follow(runId, last, there, signal);
      if (followed.way === "over") return;
      if (followed.last > last) there = followed.last;
      ({ last } = followed);
      if (followed.way === "wait") await sleep(TAKE_UP_MS);
    }
  }

  /** Who asks for what follows an event that is not there yet shares with others what comes before it. */
  async function findPlace(runId: string, last: number): Promise<number> {
    const [event] = await runs.events(runId, last - 1, 1);
    return event === undefined ? Math.min(last, (await runs.get(runId)).last_seq) : last;
  }

  /** @param there where the shared end may begin; `from` may be beyond what is there */
  async function* follow(
    runId: string,
    from: number,
    there: number,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, Followed> {
    const { log, from: begin } = share(runId, there);
    const leave = log.join();
    let last = from;
    let written = 0;
    let number = log.range().first;
    try {
      while (!signal.aborted) {
        const { first, next } = log.range();
        const oldest = first === 0 ? undefined : log.entry(first)?.key;
        // It has begun after this reader's place, or has forgotten what follows that.
        if (last < (oldest === undefined ? begin : oldest - 1)) return { last, way: "read" };
        number = Math.max(number, first);
        const pieces: Buffer[] = [];
        let size = 0;
        for (; number < next && size < PIECE_BYTES; number += 1) {
          const entry = log.entry(number);
          // The log may have begun before this reader's place.
          if (entry === undefined || entry.key <= last) continue;
          pieces.push(entry.bytes);
          size += entry.bytes.length;
          last = entry.key;
        }
        if (size > 0) {
          yield Buffer.concat(pieces);
          written = performance.now();
          continue;
        }
        const end = log.end();
        if (end !== undefined && number >= log.range().next) {
          if (end.thrown !== undefined) throw end.thrown;
          const over = await endOf(runId);
          if (over === undefined) return { last, way: "wait" };
          yield over;
          return { last, way: "over" };
        }
        await log.arrival(number, signal);
        await gather(log.readers(), performance.now() - written);
      }
      return { last, way: "over" };
    } finally {
      leave();
    }
  }

  /** @returns undefined for a run that goes on */
  async function endOf(runId: string): Promise<Buffer | undefined> {
    const over = await findOver({ runs, isTakenUp }, runId);
    if (over === undefined) return undefined;
    const { status, explanation } = over;
    return encodeFrame({ event: "end", data: { run_id: runId, status, reason: explanation.reason } });
  }

  return { read };
}

async function* encodeAll(events: AsyncIterable<RunEvent>): AsyncGenerator<Entry<number>> {
  for await (const event of events) yield { key: event.seq, bytes: encodeEvent(event) };
}

function encodeEvent(event: RunEvent): Buffer {
  return encodeFrame({ id: `${event.run_id}:${event.seq}`, data: event });
}
