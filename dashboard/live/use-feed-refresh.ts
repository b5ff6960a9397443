import { useEffect, useRef } from "react";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createRefresh, type Refresh } from "./refresh.ts";
import { useFeed, useLiveness } from "./use-feed.ts";

/** How often what is shown is asked for anew, at most. */
const EVERY_MS = 1_000;

/**
 * Reads anew what is shown as things happen, while somebody looks.
 * @param concerns whether what happened changes it; left out: anything does
 */
export function useFeedRefresh(refresh: () => Promise<void>, concerns: (item: FeedItem) => boolean = () => true): void {
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
    let isMissed = false;
    const look = (): void => {
      if (document.hidden) isMissed = true;
      else if (isMissed) {
        isMissed = false;
        made.request();
      }
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
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
    if (item.kind !== "now" && concerns(item)) refreshing.current?.request();
  });
}
