// The feed of the server, as all of the dashboard hears it.
import type { FeedItem } from "../../src/ports/feed.ts";

/** Whether what is shown follows what happens. */
export interface Liveness {
  readonly state: "connecting" | "live" | "lost";
  /** When it was lost, in milliseconds since the epoch. */
  readonly since?: number;
}

/** What happens in all runs from now on. */
export interface Feed {
  /** Told of every item in its order. `reset`: items were missed, and what is shown is to be read anew. */
  listen(listener: (item: FeedItem) => void): () => void;
  liveness(): Liveness;
  /** Told whenever `liveness` changes. */
  onLiveness(listener: () => void): () => void;
}

export function createFeed(url = "/api/v1/feed?after=now"): Feed {
  const listeners = new Set<(item: FeedItem) => void>();
  const watchers = new Set<() => void>();
  let liveness: Liveness = { state: "connecting" };
  let source: EventSource | undefined;

  function become(next: Liveness): void {
    if (next.state === liveness.state) return;
    liveness = next;
    for (const watcher of watchers) watcher();
  }

  function open(): void {
    source = new EventSource(url);
    const tell = ({ data }: MessageEvent<string>): void => {
      const item = JSON.parse(data) as FeedItem;
      for (const listener of listeners) listener(item);
    };
    source.onopen = () => become({ state: "live" });
    source.onerror = () => become({ state: "lost", since: Date.now() });
    source.onmessage = tell;
    source.addEventListener("reset", tell);
  }

  return {
    listen(listener) {
      if (source === undefined) open();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    liveness: () => liveness,
    onLiveness(watcher) {
      if (source === undefined) open();
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}
