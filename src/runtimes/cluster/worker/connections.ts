import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Clock } from "../../../kernel/clock.ts";

/** Restate's connections to a worker. */
export interface Connections {
  /** They bring nothing new; what they have brought goes on. */
  retire(): void;
  /** Ends them, and what they have brought. */
  cut(): void;
}

/**
 * Restate keeps its few connections to the address of all workers, so that a worker that joins them later, or again,
 * would get none: each is retired after a while, and Restate makes another, which goes wherever the address leads.
 *
 * Restate (1.7) takes GOAWAY for the end of all that a connection has brought, however gently it is meant, and attempts
 * would be lost; so it is said only where there is nothing. A connection on which no stream may be opened is left alone.
 */
export function trackConnections(server: Http2Server, clock: Clock, connectionMs: number): Connections {
  const retireAll = new Map<ServerHttp2Session, () => void>();
  server.on("session", (session) => {
    let streams = 0;
    let isRetired = false;
    const endIfIdle = (): void => {
      if (isRetired && streams === 0) session.close();
    };
    const retire = (): void => {
      if (isRetired) return;
      isRetired = true;
      if (streams > 0) session.settings({ maxConcurrentStreams: 0 });
      endIfIdle();
    };
    session.on("stream", (stream) => {
      streams += 1;
      stream.once("close", () => {
        streams -= 1;
        endIfIdle();
      });
    });
    const stopWaiting = clock.after(connectionMs, retire);
    retireAll.set(session, retire);
    session.once("close", () => {
      stopWaiting();
      retireAll.delete(session);
    });
  });
  return {
    retire() {
      for (const retire of retireAll.values()) retire();
    },
    cut() {
      for (const session of retireAll.keys()) session.destroy();
    },
  };
}
