import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { RunReader } from "../../ports/runtime.ts";
import { encodeFrame } from "./frame.ts";
import { gather, PIECE_BYTES } from "./pace.ts";
import { createSharedLog, type Entry, type SharedLog } from "./shared-log.ts";

/** How often a run that is about to be taken up is looked at. */
const TAKE_UP_MS = 100;
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

/**
 * Whoever reads the end of a run reads it together with all others.
 * @param isTakenUp whether a run that nobody drives is about to be taken up: then it is not over
 */
export function createRunStreams(
  runs: Pick<RunReader, "events" | "watch" | "get">,
  isTakenUp: (runId: string) => boolean,
): RunStreams {
  const logs = new Map<string, SharedLog<number>>();

  function share(runId: string, afterSeq: number): SharedLog<number> {
    const known = logs.get(runId);
    if (known !== undefined) return known;
    const log: SharedLog<number> = createSharedLog(
      (signal) => encodeAll(runs.watch(runId, { afterSeq, signal })),
      () => {
        if (logs.get(runId) === log) logs.delete(runId);
      },
    );
    logs.set(runId, log);
    return log;
  }

  async function* read(runId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    let last = afterSeq;
    while (!signal.aborted) {
      for (;;) {
        const page = await runs.events(runId, last, PAGE_EVENTS);
        if (page.length > 0) yield Buffer.concat(page.map(encodeEvent));
        last = page.at(-1)?.seq ?? last;
        if (page.length < PAGE_EVENTS || signal.aborted) break;
      }
      const followed = yield* follow(runId, last, signal);
      if (followed === "over") return;
      last = followed;
    }
  }

  /** @returns `over`, or the last event that was given where the log has forgotten those after it */
  async function* follow(runId: string, from: number, signal: AbortSignal): AsyncGenerator<Buffer, number | "over"> {
    const log = share(runId, from);
    const leave = log.join();
    let last = from;
    let written = 0;
    let number = log.range().first;
    try {
      while (!signal.aborted) {
        const { first, next } = log.range();
        const oldest = log.entry(first)?.key;
        if (number < first || (oldest !== undefined && oldest > last + 1)) return last;
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
          if (over === undefined) {
            await sleep(TAKE_UP_MS);
            return last;
          }
          yield over;
          return "over";
        }
        await log.arrival(number, signal);
        await gather(log.readers(), performance.now() - written);
      }
      return "over";
    } finally {
      leave();
    }
  }

  /** @returns undefined for a run that is about to go on */
  async function endOf(runId: string): Promise<Buffer | undefined> {
    const goesOn = isTakenUp(runId);
    const { status, explanation } = await runs.get(runId);
    if (goesOn && !isTerminalRun(status)) return undefined;
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
