// One connection of HTTP/2, from its preface to the last packet: asked by pings whether it still lives, drained after
// GOAWAY, and never holding the process alive without a call.
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import {
  type End,
  type Exchange,
  type Goaway,
  type Link,
  MAX_HEADER_BYTES,
  type Sink,
  startExchange,
} from "./exchange.ts";
import type { Fault } from "./fault.ts";
import { createFrameWatch, watchSocket } from "./frame-watch.ts";
import { causeOfLoss } from "./loss.ts";
import { createOverhead } from "./overhead.ts";
import { collectAfter, forgetListeners, nativePartOf } from "./session-guard.ts";
import { Http2Code } from "./status.ts";
import { afterAwake, readPoll } from "./timers.ts";

export interface Connection {
  readonly address: string;
  /** Calls on it. */
  readonly load: number;
  /** Whether it will never take a call again: it was lost, is going away, or was told to. */
  readonly isGone: boolean;
  /** Whether it has ever taken a call. */
  readonly wasUsed: boolean;
  /** Whether its streams leave room for a call. */
  readonly hasRoom: boolean;
  /**
   * Whether a call may be started on it now. One that was quiet for a while is read from before, as it may have ended
   * meanwhile; `onFree` tells when it has been.
   */
  canTake(): boolean;
  /**
   * @param leftMs until the call's own deadline; none if undefined
   * @returns undefined where it cannot after all: nothing was written
   */
  start(
    headers: OutgoingHttpHeaders,
    body: Buffer | undefined,
    maxMessageBytes: number,
    leftMs: number | undefined,
    sink: Sink,
  ): Exchange | undefined;
  /** When it could take its first call, in `clock.monotonic`. */
  readonly readyMs: number;
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
  /** Lets more than one call on it at a time, if it was made for one. @returns whether it does so only now */
  share(): boolean;
  destroy(): void;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Made for many calls at once, and able to tell which of them broke it. */
  readonly isShared: boolean;
  /** A ping so long after the last one, during calls only; a call that ends before by its deadline needs none. */
  readonly keepaliveMs: () => number;
  /** A stream has become free, or more of them are allowed, or it has been read from. */
  readonly onFree: () => void;
  /** It takes no more calls: lost, or going away, and why. */
  readonly onGone: (fault: Fault) => void;
  /** The server complains of too many pings. */
  readonly onTooManyPings: () => void;
}

const KEEPALIVE_ANSWER_MS = 20_000;
/** Beyond it Node ends a call as if the server had reset it; up to it we can say what was wrong. */
const READ_HEADER_BYTES = 4 * MAX_HEADER_BYTES;
/** Silence that costs a connection its new calls, while calls that have run out of time waited on it. */
const SILENCE_MS = 1000;
/**
 * Who was stopped for so long, or asleep with the machine, or too busy to turn, finds the time for its next call before
 * it reads that the connection has ended: nobody would get that call.
 */
const UNREAD_MS = 100;
/** Turns of the loop in which what a socket takes without waiting is written: resets, GOAWAY, the end of TLS. */
const LAST_TURNS = 16;

/** Scheme and authority stand in each call's headers; a text here would be read as a URL first. */
const ORIGIN = { protocol: "http:", hostname: "localhost", port: "80" } as URL;

export interface Started {
  readonly session: ClientHttp2Session;
  /** When the server's SETTINGS have come; the error with which it ended before that, if it had one. */
  readonly ready: Promise<Result<Connection, NodeJS.ErrnoException | undefined>>;
}

export function startConnection(socket: Socket, address: string, options: ConnectionOptions): Started {
  const { clock } = options;
  const watch = options.isShared ? createFrameWatch() : undefined;
  const transport = watch === undefined ? socket : watchSocket(socket, watch, () => session.destroyed);
  // Loading it takes a start 6 ms, in which servers answer the sockets that are connected to them.
  const { connect } = process.getBuiltinModule("node:http2");
  const session: ClientHttp2Session = connect(ORIGIN, {
    createConnection: () => transport,
    settings: { enablePush: false, initialWindowSize: 1 << 20, maxHeaderListSize: READ_HEADER_BYTES },
    // The limits are ours: messages and header lists. Node's own would break connections that carry large messages.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    maxHeaderListPairs: READ_HEADER_BYTES / 32,
    // Or it leaves out, without a word, texts with a space at an end, which other servers send as they are.
    strictFieldWhitespaceValidation: false,
  });
  const closeSession = session.close.bind(session);
  // Node does so at a GOAWAY in order, under calls too, and from then on does not tell that what comes is no HTTP/2, nor
  // hangs up before the peer has. Here it is closed with its last call.
  session.close = () => leave();
  const ready = Promise.withResolvers<Result<Connection, NodeJS.ErrnoException | undefined>>();
  /** Calls that have not ended, and streams that have not closed, which each of them has a moment longer. */
  let calls = 0;
  let load = 0;
  let allowed = Number.POSITIVE_INFINITY;
  let ownLimit = options.isShared ? Number.POSITIVE_INFINITY : 1;
  let goaway: Goaway | undefined;
  let error: NodeJS.ErrnoException | undefined;
  let isUnanswered = false;
  let isFlooded = false;
  let nativePart: object | undefined;
  let readyMs: number | undefined;
  /** Since when nothing has come, as far as calls that ran out of time tell. */
  let silence: { readonly ms: number; readonly bytes: number } | undefined;
  let wasUsed = false;
  /** When it was last known to be read from, by both clocks: one of them may stand still while the machine sleeps. */
  const read = { ms: 0, at: 0 };
  let isReading = false;
  let isRetired = false;
  let isClosed = false;
  /** Calls that were on it when it was lost, and wait to hear why. */
  const losing: { readonly id: number | undefined; readonly settle: (end: End) => void }[] = [];
  let cancelKeepalive: CancelTimer | undefined;

  const leave = (): void => {
    if (isRetired) return;
    isRetired = true;
    options.onGone(faultOfEnd());
    endIfOver();
  };

  /**
   * It goes with its last call, and says so to the peer as far as that takes no waiting: one that stands still reads
   * nothing and never hangs up, so that socket and what is to be written would stay for as long as it does.
   */
  const endIfOver = (): void => {
    if (!isRetired || calls > 0) return;
    if (load === 0) closeSession();
    destroySoon();
  };
  const destroySoon = (turns = LAST_TURNS): void => {
    if (turns === 0) destroy();
    else if (!socket.destroyed) setImmediate(destroySoon, turns - 1);
  };
  const destroy = (): void => {
    session.destroy();
    socket.destroy();
  };

  const ping = (): void => {
    let cancelWait: CancelTimer = () => undefined;
    const giveUp = (): void => {
      isUnanswered = true;
      destroy();
    };
    cancelWait = afterAwake(
      clock,
      KEEPALIVE_ANSWER_MS,
      () => socket.bytesRead,
      () => !isClosed && giveUp(),
    );
    const isSent = session.ping(() => {
      cancelWait();
      if (!isClosed && load > 0) armKeepalive();
    });
    if (!isSent) cancelWait();
  };
  const disarmKeepalive = (): void => {
    cancelKeepalive?.();
    cancelKeepalive = undefined;
  };
  const armKeepalive = (): void => {
    disarmKeepalive();
    cancelKeepalive = clock.after(options.keepaliveMs(), ping);
  };

  const causeOf = (id: number | undefined): End => {
    const openHeaders = watch?.openHeaders;
    return causeOfLoss({ isUnanswered, isFlooded, goaway, error, openHeaders, isAlone: losing.length === 1 }, id);
  };

  /** Without a call on it, whose place in it would say more. */
  const faultOfEnd = (): Fault => {
    if (goaway !== undefined) return { kind: "goaway", httpCode: goaway.code, debug: goaway.debug };
    return causeOf(undefined).fault ?? { kind: "lost" };
  };

  session.on("goaway", (code, lastId, data) => {
    goaway = { code, lastId, debug: data === undefined ? "" : Buffer.from(data).toString() };
    if (code === Http2Code.ENHANCE_YOUR_CALM && goaway.debug === "too_many_pings") options.onTooManyPings();
    leave();
  });
  session.on("error", (thrown: NodeJS.ErrnoException) => {
    error ??= thrown;
  });
  // Some turns before it has closed.
  socket.on("end", () => readyMs !== undefined && leave());
  socket.on("error", (thrown: NodeJS.ErrnoException) => {
    error ??= thrown;
  });
  session.on("close", () => {
    isClosed = true;
    disarmKeepalive();
    leave();
    ready.resolve(err(error));
    const ends = losing.map(({ id, settle }) => ({ settle, end: causeOf(id) }));
    losing.length = 0;
    for (const { settle, end } of ends) settle(end);
    forgetListeners(session);
  });

  const overhead = createOverhead(clock, () => socket.bytesWritten);
  const link: Link = {
    session,
    onMessage: overhead.noteMessage,
    goaway: () => goaway,
    isLost: () => session.destroyed || socket.destroyed,
    whenLost(id, settle) {
      if (isClosed) return settle(causeOf(id));
      losing.push({ id, settle });
      // Node waits until the peer has read what is written.
      if (session.destroyed) destroySoon();
    },
    endCall() {
      calls -= 1;
      endIfOver();
    },
    onCutOff: (stream) => collectAfter(nativePart, stream),
    release() {
      load -= 1;
      noteRead();
      if (load === 0) {
        disarmKeepalive();
        socket.unref();
        endIfOver();
      }
      if (!isRetired) options.onFree();
    },
  };

  const noteRead = (): void => {
    read.ms = clock.monotonic();
    read.at = clock.now();
  };
  const isUnread = (): boolean =>
    clock.monotonic() - read.ms >= UNREAD_MS || Math.abs(clock.now() - read.at) >= UNREAD_MS;
  const readAhead = (): void => {
    if (isReading) return;
    isReading = true;
    const end = (): void => {
      isReading = false;
      noteRead();
      if (!isRetired) options.onFree();
    };
    // The turn that is going on may have polled before it stood still.
    setImmediate(readPoll, () => socket.bytesRead, end);
  };
  const hasRoom = (): boolean =>
    !isRetired && !session.closed && !session.destroyed && load < Math.min(allowed, ownLimit);

  const connection: Connection = {
    address,
    get load() {
      return load;
    },
    get isGone() {
      return isRetired;
    },
    get wasUsed() {
      return wasUsed;
    },
    get readyMs() {
      return readyMs ?? Number.POSITIVE_INFINITY;
    },
    get hasRoom() {
      return hasRoom();
    },
    canTake() {
      if (!hasRoom()) return false;
      if (!isReading && !isUnread()) return true;
      readAhead();
      return false;
    },
    start(headers, body, maxMessageBytes, leftMs, sink) {
      load += 1;
      calls += 1;
      const exchange = startExchange(link, headers, body, maxMessageBytes, sink);
      if (exchange === undefined) {
        load -= 1;
        calls -= 1;
        leave();
        return undefined;
      }
      wasUsed = true;
      noteRead();
      if (load === 1) socket.ref();
      if (cancelKeepalive === undefined && (leftMs === undefined || leftMs > options.keepaliveMs())) armKeepalive();
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
      const isNew = ownLimit === 1;
      ownLimit = Number.POSITIVE_INFINITY;
      return isNew;
    },
    destroy() {
      isRetired = true;
      destroy();
    },
  };

  const countOverhead = (): void => {
    if (!overhead.noteFrame() || session.destroyed) return;
    isFlooded = true;
    destroy();
  };
  session.on("ping", countOverhead);
  session.on("remoteSettings", (settings) => {
    countOverhead();
    nativePart ??= nativePartOf(session);
    allowed = settings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (readyMs !== undefined) return options.onFree();
    readyMs = clock.monotonic();
    noteRead();
    if (load === 0) socket.unref();
    ready.resolve(ok(connection));
  });
  return { session, ready: ready.promise };
}
