import { useEffect, useRef, useSyncExternalStore } from "react";
import type { FeedItem } from "../../src/ports/feed.ts";
import { KNOWN_CALLER } from "../api/api.ts";
import { createFeed } from "./feed.ts";
import type { Liveness } from "./hearing.ts";

/** The feed of this page. */
export const feed = createFeed();
addEventListener(KNOWN_CALLER, feed.retry);

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
