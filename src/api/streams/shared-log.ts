/** What is kept of one source for all who read it; whoever falls further behind reads it elsewhere again. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** One message, encoded once for all. */
export interface Entry<K> {
  /** Its place in the source. */
  readonly key: K;
  readonly bytes: Buffer;
}

/**
 * A source that is read once for many readers, each at its own pace. Entries are numbered by the order in which they
 * came; the oldest are forgotten.
 */
export interface SharedLog<K> {
  /** Number of the oldest entry that is kept, and of the next one that will come. */
  range(): { readonly first: number; readonly next: number };
  entry(number: number): Entry<K> | undefined;
  /** Resolves when an entry of that number is there, the source has ended, or the signal aborts. */
  arrival(number: number, signal: AbortSignal): Promise<void>;
  /** How the source ended, once it has. */
  end(): { readonly thrown?: unknown } | undefined;
  readers(): number;
  /** @returns lets go: with the last reader the source is let go of */
  join(): () => void;
}

/** @param onUnused the last reader has gone */
export function createSharedLog<K>(
  open: (signal: AbortSignal) => AsyncIterable<Entry<K>>,
  onUnused: () => void,
): SharedLog<K> {
  const unused = new AbortController();
  const waiting = new Set<() => void>();
  let entries: Entry<K>[] = [];
  let first = 0;
  let bytes = 0;
  let readers = 0;
  let ended: { readonly thrown?: unknown } | undefined;

  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };

  function forgetOldest(): void {
    let gone = 0;
    while (bytes > MAX_KEPT_BYTES && gone < entries.length - 1) {
      bytes -= entries[gone]?.bytes.length ?? 0;
      gone += 1;
    }
    // A little at a time would copy the rest each time.
    if (gone > 0) {
      entries = entries.slice(gone);
      first += gone;
    }
  }

  async function pump(): Promise<void> {
    try {
      for await (const entry of open(unused.signal)) {
        entries.push(entry);
        bytes += entry.bytes.length;
        if (bytes > 1.25 * MAX_KEPT_BYTES) forgetOldest();
        wakeAll();
      }
      ended = {};
    } catch (thrown) {
      ended = { thrown };
    }
    wakeAll();
  }

  return {
    range: () => ({ first, next: first + entries.length }),
    entry: (number) => entries[number - first],
    arrival(number, signal) {
      return new Promise((resolve) => {
        if (number < first + entries.length || ended !== undefined || signal.aborted) return resolve();
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
    end: () => ended,
    readers: () => readers,
    join() {
      readers += 1;
      if (readers === 1 && ended === undefined && first + entries.length === 0) void pump();
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        readers -= 1;
        if (readers > 0) return;
        unused.abort();
        onUnused();
      };
    },
  };
}
