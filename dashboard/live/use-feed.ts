import { useEffect, useRef, useSyncExternalStore } from "react";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createFeed, type Liveness } from "./feed.ts";

const feed = createFeed();

/** Calls `listener` with what happens while the component is shown. */
export function useFeed(listener: (item: FeedItem) => void): void {
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => feed.listen((item) => current.current(item)), []);
}

/** Whether what is shown follows what happens. */
export function useLiveness(): Liveness {
  return useSyncExternalStore(feed.onLiveness, feed.liveness);
}
