// The feed of the server, as all of the dashboard hears it.
import type { FeedItem } from "../../src/ports/feed.ts";
import { createHearing, type Liveness } from "./hearing.ts";
import { type Control, canShare, shareStream } from "./share.ts";
import { openStream, type StreamTold } from "./stream.ts";

/** What happens in all runs from now on. */
export interface Feed {
  /**
   * Told of every item in its order. `now`: everything from here on is told, and what was read before may be older.
   * `reset`: items were missed, and what is shown is to be read anew.
   */
  listen(listener: (item: FeedItem) => void): () => void;
  liveness(): Liveness;
  /** Told whenever `liveness` changes. */
  onLiveness(listener: () => void): () => void;
  /** Tries at once where it waits to try again. */
  retry(): void;
}

/** One stream for all tabs of a server where the browser lets them agree; else each has its own while it is looked at. */
export function createFeed(url = "/api/v1/feed"): Feed {
  const hearing = createHearing();
  let control: Control | undefined;

  function begin(): void {
    if (control !== undefined) return;
    const open = (after: string | undefined, told: StreamTold) => openStream(url, after, told);
    control = canShare() ? shareStream(hearing, open) : openWhileShown();
    addEventListener("online", retry);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) retry();
    });
  }

  function retry(): void {
    control?.retry();
  }

  /** A browser has six connections to a server at most: who is not looked at lets go of his. */
  function openWhileShown(): Control {
    const told: StreamTold = {
      items: (items) => hearing.take(items, hearing.place()),
      opened: () => hearing.become({ state: "live" }),
      lost: () => hearing.become({ state: "lost", since: Date.now() }),
    };
    const open = () => openStream(url, hearing.place(), told);
    let stream = document.hidden ? undefined : open();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) stream?.close();
      stream = document.hidden ? undefined : (stream ?? open());
    });
    return { retry: () => stream?.retry() };
  }

  return {
    listen(listener) {
      begin();
      return hearing.listen(listener);
    },
    liveness: hearing.liveness,
    onLiveness(watcher) {
      begin();
      return hearing.onLiveness(watcher);
    },
    retry,
  };
}
