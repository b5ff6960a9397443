// Node (24.21 at least) aborts the whole process, "Assertion failed: (current_nghttp2_memory_) == (0)", when it collects
// a session before a stream of it whose header block had begun and not ended: the stream still holds memory that the
// session counts. A peer that breaks off amid a header block could end us so. Hence the session's native part is held
// until those streams are gone; it is freed by the collection after.
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";

const sessionsByStream = new FinalizationRegistry<object>(() => undefined);

/** The native part of a session that is connected; undefined where Node keeps it elsewhere than it does today. */
export function nativePartOf(session: ClientHttp2Session): object | undefined {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === "kHandle");
  const part: unknown = key === undefined ? undefined : Reflect.get(session, key);
  return typeof part === "object" && part !== null ? part : undefined;
}

/** To be called with each stream that did not come to its trailers. */
export function collectAfter(part: object | undefined, stream: ClientHttp2Stream): void {
  if (part !== undefined) sessionsByStream.register(stream, part);
}

/**
 * To be called when a session has closed. Node keeps one whose SETTINGS were never acknowledged in a handle that no
 * collection looks through, until its native part goes; so what listens to it, or stands for its `close`, must not lead
 * there (as an error of nghttp2 does, by its stack), or both stay for ever: 22 kB for each try of a peer that does not
 * speak HTTP/2.
 */
export function forgetListeners(session: ClientHttp2Session): void {
  session.removeAllListeners();
  session.close = ignore;
  session.on("error", ignore);
}

function ignore(): void {}
