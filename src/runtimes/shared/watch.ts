import { setImmediate } from "node:timers/promises";
import { isTerminalEvent, type RunEvent } from "../../engine/events.ts";
import { isTerminalRun } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { refuseUnknown } from "../../ports/journal-rules.ts";
import type { WatchOptions } from "../../ports/runtime.ts";
import { createFirstEvents } from "./first-events.ts";
import { PAGE_EVENTS } from "./load.ts";
import type { LocalRuns } from "./local-runs.ts";
import { createWaits, LOOK_MS, type Pace, steadyPace, type Waits } from "./looks.ts";

/** Events that are kept for a watcher which does not take them; one that falls further behind reads them again. */
const MAX_KEPT = 1000;

/** Follows runs. Whatever it gives is durable, whoever drives the run. */
export interface Watching {
  watch(runId: string, options?: WatchOptions): AsyncIterable<RunEvent>;
  /** These events of one run were made durable here. */
  observe(events: readonly RunEvent[]): void;
  /** A driver of the run came or went. */
  wake(runId: string): void;
  isClosed(): boolean;
  close(): void;
}

/** Somebody who watches one run. A run that is driven here wakes its own watchers, and no others. */
interface Watcher {
  /** `seq` of the last event that was given. */
  given: number;
  /** What follows it, as far as it was told here. */
  kept: RunEvent[];
  /** Something between `given` and now has to be read from the journal. */
  hasGap: boolean;
  /** Between looks at a run that is driven elsewhere. */
  readonly waits: Waits;
  notify: (() => void) | undefined;
  /** Ends a reading that is under way. */
  leave: (() => void) | undefined;
}

/** Thrown by a reading that nobody waits for any more. */
const LEFT = new Error("the watching is over");

/** @param pace how often a run is looked at that is driven elsewhere */
export function createWatching(
  journal: JournalReader,
  clock: Clock,
  local: LocalRuns,
  pace: Pace = steadyPace(LOOK_MS),
): Watching {
  const watchers = new Map<string, Set<Watcher>>();
  const first = createFirstEvents();
  let closed = false;

  async function* watch(runId: string, { afterSeq = 0, signal }: WatchOptions = {}): AsyncIterable<RunEvent> {
    const known = first.after(runId, afterSeq);
    const watcher: Watcher = {
      given: afterSeq,
      kept: known ?? [],
      hasGap: known === undefined,
      waits: createWaits(pace),
      notify: undefined,
      leave: undefined,
    };
    const isOver = (): boolean => closed || signal?.aborted === true;
    const stop = (): void => end(watcher);
    const forget = remember(watchers, runId, watcher);
    signal?.addEventListener("abort", stop);
    try {
      if (local.driverOf(runId) === undefined && (await read(watcher, journal.readRun(runId))) === undefined) {
        refuseUnknown(runId, journal.location);
      }
      while (!isOver()) {
        const events = await nextEvents(runId, watcher);
        for (const event of events) {
          if (isOver()) return;
          yield event;
        }
        const last = events.at(-1);
        if (last !== undefined) watcher.waits.reset();
        if (last !== undefined && isTerminalEvent(last) && !watcher.hasGap) return;
        if (last === undefined && (await isAtEnd(runId, watcher))) return;
        if (!hasMore(watcher) && !isOver()) await arrival(runId, watcher);
        // Others have their turn between two pages.
        else if (watcher.hasGap) await setImmediate();
      }
    } catch (thrown) {
      if (thrown !== LEFT) throw thrown;
    } finally {
      forget();
      signal?.removeEventListener("abort", stop);
    }
  }

  async function nextEvents(runId: string, watcher: Watcher): Promise<readonly RunEvent[]> {
    let events: readonly RunEvent[];
    if (watcher.hasGap) {
      watcher.hasGap = false;
      watcher.kept = [];
      events = await read(watcher, journal.readEvents(runId, watcher.given, PAGE_EVENTS));
      if (events.length === PAGE_EVENTS) watcher.hasGap = true;
    } else {
      events = watcher.kept;
      watcher.kept = [];
    }
    const last = events.at(-1)?.seq ?? watcher.given;
    watcher.given = last;
    // What was told during the reading may have been read as well.
    watcher.kept = watcher.kept.filter((event) => event.seq > last);
    return events;
  }

  /** Whether nothing more is to come. What is driven here says so itself; of other runs the journal is asked. */
  async function isAtEnd(runId: string, watcher: Watcher): Promise<boolean> {
    if (local.driverOf(runId) !== undefined) return false;
    const run = await read(watcher, journal.readRun(runId));
    if (run === undefined) {
      throw new BusbarError("JOURNAL_GONE", `run ${runId} was in ${journal.location}, and is not any more`, {
        details: { run_id: runId },
      });
    }
    if (run.lastSeq > watcher.given) watcher.hasGap = true;
    if (hasMore(watcher)) return false;
    const isLeft = local.owns(run) && local.leftOver(runId) !== undefined;
    return isTerminalRun(run.summary.status) || !run.owner.alive || isLeft;
  }

  /** Resolves when something may have come; of a run that is driven elsewhere the journal is looked at now and then. */
  function arrival(runId: string, watcher: Watcher): Promise<void> {
    return new Promise((resolve) => {
      const isElsewhere = local.driverOf(runId) === undefined;
      const cancel = isElsewhere ? clock.after(watcher.waits.next(), () => watcher.notify?.()) : undefined;
      watcher.notify = () => {
        watcher.notify = undefined;
        cancel?.();
        resolve();
      };
    });
  }

  return {
    watch,
    wake(runId) {
      first.forget(runId);
      for (const watcher of watchers.get(runId) ?? []) watcher.notify?.();
    },
    observe(events) {
      const runId = events[0]?.run_id ?? "";
      first.add(runId, events);
      for (const watcher of watchers.get(runId) ?? []) {
        keep(watcher, events);
        watcher.notify?.();
      }
    },
    isClosed: () => closed,
    close() {
      closed = true;
      for (const ofRun of watchers.values()) for (const watcher of ofRun) end(watcher);
    },
  };
}

function end(watcher: Watcher): void {
  watcher.leave?.();
  watcher.notify?.();
}

/** A journal that is far away may take a minute to say that it is away: whoever stops watching does not wait for that. */
function read<T>(watcher: Watcher, reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    watcher.leave = () => reject(LEFT);
    reading.then(resolve, reject);
  });
}

function hasMore(watcher: Watcher): boolean {
  return watcher.hasGap || watcher.kept.length > 0;
}

function keep(watcher: Watcher, events: readonly RunEvent[]): void {
  if (watcher.hasGap) return;
  const { kept } = watcher;
  const next = (kept.at(-1)?.seq ?? watcher.given) + 1;
  const first = events[0]?.seq ?? next;
  if (first > next || kept.length + events.length > MAX_KEPT) {
    watcher.kept = [];
    watcher.hasGap = true;
  } else {
    kept.push(...events.slice(next - first));
  }
}

function remember(watchers: Map<string, Set<Watcher>>, runId: string, watcher: Watcher): () => void {
  const ofRun = watchers.get(runId) ?? new Set();
  watchers.set(runId, ofRun.add(watcher));
  return () => {
    ofRun.delete(watcher);
    if (ofRun.size === 0) watchers.delete(runId);
  };
}
