import type { FeedItem } from "../../src/ports/feed.ts";

/** Runs whose last event is remembered: those that may be told twice while one tab takes over from another. */
const MAX_REMEMBERED = 2_000;

/** Whether what is shown follows what happens. */
export interface Liveness {
  readonly state: "connecting" | "live" | "lost";
  /** When it was lost, in milliseconds since the epoch. */
  readonly since?: number;
}

/** What one tab has heard of the feed, whoever reads the stream: nothing is told twice, and nothing is missed silently. */
export interface Hearing {
  listen(listener: (item: FeedItem) => void): () => void;
  liveness(): Liveness;
  onLiveness(watcher: () => void): () => void;
  become(next: Liveness): void;
  /** The cursor after the last item that was heard; undefined before the first. */
  place(): string | undefined;
  /** All that follows this cursor will be heard. */
  beginAt(cursor: string): void;
  /** @param previous the cursor before the first of the items, as whoever reads the stream has it */
  take(items: readonly FeedItem[], previous: string | undefined): void;
}

export function createHearing(): Hearing {
  const listeners = new Set<(item: FeedItem) => void>();
  const watchers = new Set<() => void>();
  const heard = new Map<string, number>();
  let liveness: Liveness = { state: "connecting" };
  let place: string | undefined;

  function tell(item: FeedItem): void {
    place = item.cursor;
    if (item.kind === "reset") heard.clear();
    if (item.kind === "event") remember(heard, item.event.run_id, item.event.seq);
    for (const listener of listeners) listener(item);
  }

  /** What was between is not known: whoever shows something reads it anew. */
  function tellMissed(cursor: string): void {
    tell({ kind: "reset", reason: "unknown", cursor });
  }

  function isHeard(item: FeedItem): boolean {
    return item.kind === "event" && item.event.seq <= (heard.get(item.event.run_id) ?? 0);
  }

  /** Those that were not heard, or undefined where others are missing before them. */
  function following(items: readonly FeedItem[], previous: string | undefined): readonly FeedItem[] | undefined {
    if (place === undefined || previous === place) return items;
    const known = items.findIndex(({ cursor }) => cursor === place);
    if (known !== -1) return items.slice(known + 1);
    return items.every(isHeard) ? [] : undefined;
  }

  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    liveness: () => liveness,
    onLiveness(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    become(next) {
      if (next.state === liveness.state) return;
      liveness = next;
      for (const watcher of watchers) watcher();
    },
    place: () => place,
    beginAt(cursor) {
      if (place === undefined) tell({ kind: "now", cursor });
      else if (place !== cursor) tellMissed(cursor);
    },
    take(items, previous) {
      const fresh = following(items, previous);
      if (fresh === undefined) tellMissed(previous ?? place ?? "");
      for (const item of fresh ?? items) {
        // A stream that begins anew, where one was heard before.
        if (item.kind === "now" && place !== undefined) tellMissed(item.cursor);
        else tell(item);
      }
    },
  };
}

/** The run that was told of last is the last to be forgotten. */
function remember(heard: Map<string, number>, runId: string, seq: number): void {
  heard.delete(runId);
  heard.set(runId, seq);
  if (heard.size <= MAX_REMEMBERED) return;
  for (const oldest of heard.keys()) {
    heard.delete(oldest);
    return;
  }
}
