import { useEffect, useRef } from "react";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createRefresh, type Refresh } from "./refresh.ts";
import { useFeed, useLiveness } from "./use-feed.ts";

type FeedEvent = Extract<FeedItem, { readonly kind: "event" }>;

/** How often what is shown is asked for anew, at most. */
const EVERY_MS = 1_000;

/** Of an owner that has died no event tells. */
const LOOK_MS = 10_000;

/**
 * Reads anew what is shown as things happen, and every 10 s, while somebody looks.
 * @param concerns whether an event changes it; left out: any does
 */
export function useFeedRefresh(
  refresh: () => Promise<void>,
  concerns: (item: FeedEvent) => boolean = () => true,
): void {
  const current = useRef(refresh);
  current.current = refresh;
  const refreshing = useRef<Refresh>(undefined);
  useEffect(() => {
    const made = createRefresh(
      () => current.current(),
      EVERY_MS,
      () => !document.hidden,
    );
    refreshing.current = made;
    let isMissed = document.hidden;
    const look = (): void => {
      if (document.hidden) isMissed = true;
      else if (isMissed) {
        isMissed = false;
        made.request();
      }
    };
    document.addEventListener("visibilitychange", look);
    const timer = setInterval(made.request, LOOK_MS);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearInterval(timer);
      made.stop();
    };
  }, []);
  const { state } = useLiveness();
  const wasLost = useRef(false);
  useEffect(() => {
    // What could not be asked meanwhile is asked now, also where nothing has happened since.
    if (state === "live" && wasLost.current) refreshing.current?.request();
    wasLost.current = state === "lost";
  }, [state]);
  useFeed((item) => {
    // `now`: what was read before the feed began may be older than it.
    if (item.kind !== "event" || concerns(item)) refreshing.current?.request();
  });
}

/** Whether an event is of a run as a whole: most are of nodes. */
export function isOfRun({ event }: FeedEvent): boolean {
  return event.type.startsWith("run.");
}
