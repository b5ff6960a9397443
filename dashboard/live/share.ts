// One stream for all tabs of a server. A browser opens six connections to a server at most (HTTP/1.1): with a stream in
// each the seventh tab would wait for ever. The tab that holds a lock reads the stream and tells the others over a
// channel; when it is closed, or crashes, the browser gives the lock to another, which goes on behind what it has heard.
import type { FeedItem } from "../../src/ports/feed.ts";
import type { Hearing, Liveness } from "./hearing.ts";
import type { FeedStream, StreamTold } from "./stream.ts";

/** Locks and channels are those of the origin: of one server. */
const NAME = "busbar:feed";

/** What tabs tell each other. */
type Message =
  /** By whoever has come. */
  | { readonly kind: "who-reads" }
  /** By whoever reads: how it stands, and all that follows the cursor will be told. */
  | { readonly kind: "standing"; readonly liveness: Liveness; readonly cursor?: string }
  | { readonly kind: "heard"; readonly items: readonly FeedItem[]; readonly previous?: string }
  /** By whoever wants it tried at once. */
  | { readonly kind: "retry" };

/** Moves whoever reads the stream. */
export interface Control {
  retry(): void;
}

/** Over http to another machine than this one, browsers have no locks. */
export function canShare(): boolean {
  return "locks" in navigator && "BroadcastChannel" in globalThis;
}

export function shareStream(
  hearing: Hearing,
  open: (after: string | undefined, told: StreamTold) => FeedStream,
): Control {
  const channel = new BroadcastChannel(NAME);
  const post = (message: Message): void => channel.postMessage(message);
  let stream: FeedStream | undefined;

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    switch (data.kind) {
      case "who-reads":
        if (stream !== undefined) postStanding();
        return;
      case "retry":
        return stream?.retry();
      case "standing":
        hearing.become(data.liveness);
        if (data.cursor !== undefined) hearing.beginAt(data.cursor);
        return;
      case "heard":
        return hearing.take(data.items, data.previous);
    }
  };

  function postStanding(): void {
    const cursor = hearing.place();
    post({ kind: "standing", liveness: hearing.liveness(), ...(cursor === undefined ? {} : { cursor }) });
  }

  function become(liveness: Liveness): void {
    hearing.become(liveness);
    postStanding();
  }

  function read(): void {
    stream = open(hearing.place(), {
      items(items) {
        const previous = hearing.place();
        hearing.take(items, previous);
        post({ kind: "heard", items, ...(previous === undefined ? {} : { previous }) });
      },
      opened: () => become({ state: "live" }),
      lost: () => become({ state: "lost", since: Date.now() }),
    });
  }

  post({ kind: "who-reads" });
  // Held for as long as the page lives.
  void navigator.locks.request(NAME, () => {
    read();
    return new Promise(() => undefined);
  });
  return {
    retry() {
      if (stream === undefined) post({ kind: "retry" });
      else stream.retry();
    },
  };
}
