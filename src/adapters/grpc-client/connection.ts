// One connection of HTTP/2, from the first packet to the last: made within a deadline, asked by pings whether it still
// lives, drained after GOAWAY, and never holding the process alive without a call.
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { formatEndpoint } from "../../kernel/target.ts";
import { dial, faultOfHandshake, type Route } from "./dial.ts";
import {
  type End,
  type Exchange,
  endOfFault,
  type Link,
  MAX_HEADER_BYTES,
  type Sink,
  startExchange,
} from "./exchange.ts";
import type { Fault, Phase } from "./fault.ts";
import { createFrameWatch, watchSocket } from "./frame-watch.ts";
import { lookAtPeer } from "./look.ts";
import { collectAfter, nativePartOf } from "./session-guard.ts";
import { Code, Http2Code } from "./status.ts";
import { readPoll } from "./timers.ts";

export interface Connection {
  readonly address: string;
  /** Calls on it. */
  readonly load: number;
  /** Whether a call may be started on it now. */
  canTake(): boolean;
  /** @returns undefined where it cannot after all: nothing was written */
  start(
    headers: OutgoingHttpHeaders,
    body: Buffer | undefined,
    maxMessageBytes: number,
    sink: Sink,
  ): Exchange | undefined;
  /** Bytes that have come in, ever. */
  bytesRead(): number;
  /**
   * A call on it has run out of time. A peer that has said nothing at all for a while may be gone without a word: new
   * calls find out on a new connection then.
   * @param since when the call went out, and what `bytesRead` was
   * @returns whether the peer has sent anything since
   */
  noteExpired(since: { readonly ms: number; readonly bytes: number }): boolean;
  /** Takes no more calls, and ends with the last one that is on it. */
  retire(): void;
  /** Lets more than one call on it at a time, if it was made for one. */
  share(): void;
  destroy(): void;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Made for many calls at once, and able to tell which of them broke it. */
  readonly isShared: boolean;
  /** A ping so long after the last one, during calls only. */
  readonly keepaliveMs: () => number;
  /** A stream has become free, or more of them are allowed. */
  readonly onFree: () => void;
  /** It takes no more calls: lost, or going away. */
  readonly onGone: () => void;
  /** The server complains of too many pings. */
  readonly onTooManyPings: () => void;
}

/** A connection that is being made. */
export interface Attempt {
  /** Never rejects. Does not resolve after `destroy`. */
  readonly result: Promise<Result<Connection, Fault>>;
  readonly phase: Phase;
  readonly address: string;
  /** Nobody waits for it any more: it goes on, but does not hold the process alive. */
  abandon(): void;
  /** Somebody waits for it again. */
  adopt(): void;
  destroy(): void;
}

/** As in gRPC (doc/connection-backoff.md, MIN_CONNECT_TIMEOUT). */
const CONNECT_MS = 20_000;
const KEEPALIVE_ANSWER_MS = 20_000;
/** Of PING and SETTINGS; servers that measure the round trip send some for each. */
const MAX_OVERHEAD_PER_SECOND = 1000;
/** Silence that costs a connection its new calls, while calls that have run out of time waited on it. */
const SILENCE_MS = 1000;

export function openConnection(route: Route, options: ConnectionOptions): Attempt {
  const { clock } = options;
  const address = formatEndpoint(route.endpoint);
  const dialling = dial(route);
  let session: ClientHttp2Session | undefined;
  let isDestroyed = false;
  const outcome = Promise.withResolvers<Result<Connection, Fault>>();

  const destroy = (): void => {
    isDestroyed = true;
    cancelTimer?.();
    session?.destroy();
    dialling.destroy();
  };
  const arm = (): CancelTimer =>
    clock.after(CONNECT_MS, () => {
      outcome.resolve(err(silentFault(route, dialling.phase)));
      destroy();
    });
  let cancelTimer: CancelTimer | undefined = arm();

  const settle = (result: Result<Connection, Fault>): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (!isDestroyed) outcome.resolve(result);
  };

  void dialling.socket.then((dialled) => {
    if (isDestroyed) return;
    if (!dialled.ok) return settle(dialled);
    const started = startSession(dialled.value, address, options);
    session = started.session;
    void started.ready.then(async (ready) => {
      if (isDestroyed) return;
      if (ready.ok) return settle(ready);
      session?.destroy();
      const fault = await explainEnd(ready.error, route, clock);
      settle(err(fault));
    });
  });

  return {
    result: outcome.promise,
    address,
    get phase() {
      return dialling.phase;
    },
    abandon() {
      cancelTimer?.();
      cancelTimer = undefined;
      dialling.hold(false);
    },
    adopt() {
      cancelTimer ??= arm();
      dialling.hold(true);
    },
    destroy,
  };
}

export function silentFault(route: Pick<Route, "endpoint" | "proxy">, phase: Phase): Fault {
  if (phase === "proxy" && route.proxy !== undefined) {
    return { kind: "proxy", proxy: route.proxy.url, proxyFault: { sort: "silent" } };
  }
  return { kind: "silent", address: formatEndpoint(route.endpoint), phase };
}

/** Why a peer that was connected to has ended that before its first SETTINGS. */
async function explainEnd(error: NodeJS.ErrnoException | undefined, route: Route, clock: Clock): Promise<Fault> {
  const address = formatEndpoint(route.endpoint);
  const hungUp: Fault = { kind: "hungUp", address, phase: "preface" };
  if (route.tls !== undefined) {
    // A server of TLS 1.3 looks at our certificate when the handshake has ended for us.
    const fault = faultOfHandshake(error ?? new Error(), address, route.tls.serverName ?? route.host, route.tls);
    return fault.kind === "hungUp" ? hungUp : fault;
  }
  const saw = route.proxy === undefined ? await lookAtPeer(route.endpoint, clock) : undefined;
  return saw === undefined ? hungUp : { kind: "notHttp2", address, saw };
}

interface Started {
  readonly session: ClientHttp2Session;
  /** When the server's SETTINGS have come; the error with which it ended before that, if it had one. */
  readonly ready: Promise<Result<Connection, NodeJS.ErrnoException | undefined>>;
}

function startSession(socket: Socket, address: string, options: ConnectionOptions): Started {
  const { clock } = options;
  const watch = options.isShared ? createFrameWatch() : undefined;
  const transport = watch === undefined ? socket : watchSocket(socket, watch, () => session.destroyed);
  // Scheme and authority stand in each call's headers.
  const session: ClientHttp2Session = connect("http://localhost", {
    createConnection: () => transport,
    settings: { enablePush: false, initialWindowSize: 1 << 20, maxHeaderListSize: MAX_HEADER_BYTES },
    // The limits are ours: messages and header lists. Node's own would break connections that carry large messages.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    maxHeaderListPairs: 2000,
  });
  const ready = Promise.withResolvers<Result<Connection, NodeJS.ErrnoException | undefined>>();
  let load = 0;
  let allowed = Number.POSITIVE_INFINITY;
  let ownLimit = options.isShared ? Number.POSITIVE_INFINITY : 1;
  let goaway: { readonly code: number; readonly lastId: number; readonly debug: string } | undefined;
  let error: NodeJS.ErrnoException | undefined;
  let isUnanswered = false;
  let isFlooded = false;
  let nativePart: object | undefined;
  /** Since when nothing has come, as far as calls that ran out of time tell. */
  let silence: { readonly ms: number; readonly bytes: number } | undefined;
  let isRetired = false;
  let isClosed = false;
  /** Calls that were on it when it was lost, and wait to hear why. */
  const losing: { readonly id: number | undefined; readonly settle: (end: End) => void }[] = [];
  let cancelKeepalive: CancelTimer | undefined;

  const leave = (): void => {
    if (isRetired) return;
    isRetired = true;
    options.onGone();
    if (load === 0) session.close();
  };

  const ping = (): void => {
    let cancelWait: CancelTimer = () => undefined;
    const giveUp = (): void => {
      isUnanswered = true;
      session.destroy();
      socket.destroy();
    };
    cancelWait = clock.after(KEEPALIVE_ANSWER_MS, () =>
      readPoll(
        () => socket.bytesRead,
        () => !isClosed && giveUp(),
      ),
    );
    const isSent = session.ping(() => {
      cancelWait();
      if (!isClosed && load > 0) armKeepalive();
    });
    if (!isSent) cancelWait();
  };
  const armKeepalive = (): void => {
    cancelKeepalive?.();
    cancelKeepalive = clock.after(options.keepaliveMs(), ping);
  };

  const causeOf = (id: number | undefined): End => {
    if (isUnanswered) return endOfFault(Code.UNAVAILABLE, { kind: "unanswered" });
    if (isFlooded) return endOfFault(Code.UNAVAILABLE, { kind: "broken", what: "flood" });
    if (goaway !== undefined && goaway.code !== Http2Code.NO_ERROR) {
      const { code, debug } = goaway;
      return endOfFault(Code.UNAVAILABLE, { kind: "goaway", httpCode: code, debug });
    }
    // nghttp2 could not read what came. `errno` is its own then, and the codes of the system are names.
    if (error?.code === "ERR_HTTP2_ERROR") {
      const openHeaders = watch?.openHeaders;
      if (openHeaders !== undefined && openHeaders === id) {
        return endOfFault(Code.INTERNAL, { kind: "headersTooLarge", limit: MAX_HEADER_BYTES });
      }
      if (losing.length === 1) return endOfFault(Code.INTERNAL, { kind: "broken", what: "reply" });
      const what = openHeaders === undefined ? "frames" : "headersOfAnotherCall";
      return endOfFault(Code.UNAVAILABLE, { kind: "broken", what });
    }
    const code = error?.code;
    return endOfFault(Code.UNAVAILABLE, code === undefined ? { kind: "lost" } : { kind: "lost", code });
  };

  session.on("goaway", (code, lastId, data) => {
    goaway = { code, lastId, debug: data === undefined ? "" : Buffer.from(data).toString("latin1") };
    if (code === Http2Code.ENHANCE_YOUR_CALM && goaway.debug === "too_many_pings") options.onTooManyPings();
    leave();
  });
  session.on("error", (thrown: NodeJS.ErrnoException) => {
    error ??= thrown;
  });
  socket.on("error", (thrown: NodeJS.ErrnoException) => {
    error ??= thrown;
  });
  session.on("close", () => {
    isClosed = true;
    cancelKeepalive?.();
    leave();
    ready.resolve(err(error));
    const ends = losing.map(({ id, settle }) => ({ settle, end: causeOf(id) }));
    losing.length = 0;
    for (const { settle, end } of ends) settle(end);
  });

  const link: Link = {
    session,
    lastProcessed: () => goaway?.lastId,
    isLost: () => session.destroyed || socket.destroyed,
    whenLost(id, settle) {
      if (isClosed) settle(causeOf(id));
      else losing.push({ id, settle });
    },
    onCutOff: (stream) => collectAfter(nativePart, stream),
    release() {
      load -= 1;
      if (load === 0) {
        cancelKeepalive?.();
        socket.unref();
        if (isRetired) session.close();
      }
      if (!isRetired) options.onFree();
    },
  };

  const connection: Connection = {
    address,
    get load() {
      return load;
    },
    canTake: () => !isRetired && !session.closed && !session.destroyed && load < Math.min(allowed, ownLimit),
    start(headers, body, maxMessageBytes, sink) {
      load += 1;
      const exchange = startExchange(link, headers, body, maxMessageBytes, sink);
      if (exchange === undefined) {
        load -= 1;
        leave();
        return undefined;
      }
      if (load === 1) {
        socket.ref();
        armKeepalive();
      }
      return exchange;
    },
    bytesRead: () => socket.bytesRead,
    noteExpired(since) {
      if (socket.bytesRead > since.bytes) return true;
      if (silence?.bytes !== since.bytes) silence = since;
      if (clock.monotonic() - silence.ms >= SILENCE_MS) leave();
      return false;
    },
    retire: leave,
    share() {
      ownLimit = Number.POSITIVE_INFINITY;
    },
    destroy() {
      isRetired = true;
      session.destroy();
      socket.destroy();
    },
  };

  /** Frames that belong to no call, and cost the peer less than us. */
  let overhead = { ms: 0, frames: 0 };
  const countOverhead = (): void => {
    const now = clock.monotonic();
    if (now - overhead.ms >= 1000) overhead = { ms: now, frames: 0 };
    overhead.frames += 1;
    if (overhead.frames <= MAX_OVERHEAD_PER_SECOND || session.destroyed) return;
    isFlooded = true;
    connection.destroy();
  };
  session.on("ping", countOverhead);
  session.on("remoteSettings", (settings) => {
    countOverhead();
    nativePart ??= nativePartOf(session);
    allowed = settings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (load === 0) socket.unref();
    ready.resolve(ok(connection));
    options.onFree();
  });
  return { session, ready: ready.promise };
}
