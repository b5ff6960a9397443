// Reads the feed as an event stream. By fetch and not by EventSource: that does not tell of the heartbeats, so that a
// connection that is dead on the way would look alive for ever, nor why the server refuses.
import type { FeedItem } from "../../src/ports/feed.ts";
import { UNKNOWN_CALLER } from "../api/api.ts";
import { createMessageReader } from "./messages.ts";

/** The server says something at least every 15 s. */
const SILENT_MS = 40_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;
/** For who may not read until he has signed in, which tries at once. */
const REFUSED_PAUSE_MS = 60_000;

export interface StreamTold {
  items(items: readonly FeedItem[]): void;
  /** It is read, perhaps again. */
  opened(): void;
  /** It is not read any more, and tried again. Told each time that it fails. */
  lost(): void;
}

export interface FeedStream {
  /** Tries at once where it waits to try again. */
  retry(): void;
  close(): void;
}

/** How one reading of it ended. */
type End = "over" | "refused" | "unknown place";

/** @param after the cursor to go on from; left out: what happens from now on */
export function openStream(url: string, after: string | undefined, told: StreamTold, silentMs = SILENT_MS): FeedStream {
  const closed = new AbortController();
  let place = after;
  let failures = 0;
  let wake: () => void = () => undefined;

  async function readOn(): Promise<void> {
    while (!closed.signal.aborted) {
      const end = await readOnce().catch((): End => "over");
      if (closed.signal.aborted) return;
      told.lost();
      if (end === "unknown place") place = undefined;
      await pause(end === "refused" ? REFUSED_PAUSE_MS : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
      failures += 1;
    }
  }

  async function readOnce(): Promise<End> {
    const reading = new AbortController();
    const signal = AbortSignal.any([closed.signal, reading.signal]);
    let silence = setTimeout(() => reading.abort(), silentMs);
    try {
      const response = await fetch(`${url}?after=${encodeURIComponent(place ?? "now")}`, {
        headers: { accept: "text/event-stream" },
        cache: "no-store",
        signal,
      });
      if (response.status === 401) {
        dispatchEvent(new Event(UNKNOWN_CALLER));
        return "refused";
      }
      if (response.status === 400 && place !== undefined) return "unknown place";
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (!response.ok || !isStream || response.body === null) return "over";
      failures = 0;
      told.opened();
      const readMessages = createMessageReader();
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) return "over";
        clearTimeout(silence);
        silence = setTimeout(() => reading.abort(), silentMs);
        const items = readMessages(value).flatMap((data) => (isItem(data) ? [data] : []));
        if (items.length === 0) continue;
        place = items.at(-1)?.cursor;
        told.items(items);
      }
    } finally {
      clearTimeout(silence);
      reading.abort();
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  void readOn();
  return {
    retry: () => wake(),
    close() {
      closed.abort();
      wake();
    },
  };
}

/** A farewell, and a problem of the server, are no items. */
function isItem(data: unknown): data is FeedItem {
  return typeof data === "object" && data !== null && "kind" in data && "cursor" in data;
}
