import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import type { FeedItem } from "../../ports/feed.ts";
import type { JournalReader } from "../../ports/journal.ts";
import type { FeedOptions } from "../../ports/runtime.ts";
import { createWaits, LOOK_MS, type Pace, steadyPace, type Waits } from "./looks.ts";

/** Follows all runs. What it gives is read from the journal, whoever drives them: only there events have positions. */
export interface Feeding {
  feed(options?: FeedOptions): AsyncIterable<FeedItem>;
  /** Something was recorded here, or a driver came or went. */
  wake(): void;
  close(): void;
}

/** @param pace how often others who write are looked for */
export function createFeeding(
  journal: Pick<JournalReader, "readFeed" | "version">,
  clock: Clock,
  pace: Pace = steadyPace(LOOK_MS),
): Feeding {
  const waiting = new Set<() => void>();
  /** How often there was something to look for here. */
  let woken = 0;
  let closed = false;

  async function* feed({ after, follow = false, signal }: FeedOptions = {}): AsyncIterable<FeedItem> {
    const isOver = (): boolean => closed || signal?.aborted === true;
    const waits = createWaits(pace);
    let cursor = after;
    while (!isOver()) {
      // Looked at before the reading: what is written during it is read the next time.
      const seen = { woken, version: journal.version() };
      const page = await journal.readFeed(cursor);
      for (const item of page.items) {
        if (isOver()) return;
        yield item;
      }
      ({ cursor } = page);
      if (page.items.length > 0) waits.reset();
      if (!page.isEnd) await setImmediate();
      else if (!follow) return;
      else await arrival(seen, waits, isOver, signal);
    }
  }

  /** Resolves when something may have come. Others who write are looked for now and then. */
  function arrival(
    seen: { readonly woken: number; readonly version: number },
    waits: Waits,
    isOver: () => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve) => {
      let cancel: (() => void) | undefined;
      const look = (): void => {
        if (isOver() || woken !== seen.woken || journal.version() !== seen.version) go();
        else cancel = clock.after(waits.next(), look);
      };
      const go = (): void => {
        cancel?.();
        waiting.delete(go);
        signal?.removeEventListener("abort", go);
        resolve();
      };
      waiting.add(go);
      signal?.addEventListener("abort", go);
      look();
    });
  }

  const wake = (): void => {
    woken += 1;
    for (const go of [...waiting]) go();
  };
  return {
    feed,
    wake,
    close() {
      closed = true;
      wake();
    },
  };
}
