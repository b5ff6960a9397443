import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { BusbarError, toErrorInfo } from "../../kernel/errors.ts";
import { problemOf } from "../problem.ts";
import type { ApiContext } from "../router.ts";
import { encodeFrame, HEARTBEAT } from "./frame.ts";
import { HEARTBEAT_MS, orQuiet } from "./pace.ts";

/** Streams that are open at once; more are refused, so that files and memory last. */
const MAX_STREAMS = 1_000;
/** How long a client may leave what it was sent before its connection is dropped. */
const UNREAD_MS = 30_000;
/** What is not read when the server stops is cut off after this. */
const BYE_MS = 300;

/** The event streams that are open, to be ended together. */
export interface Streams {
  /**
   * Answers with an event stream. Its source is asked for the next piece only when the client has taken the one
   * before, and told by the signal when nobody wants more.
   */
  open(c: ApiContext, source: (signal: AbortSignal) => AsyncGenerator<Buffer>): Response;
  /**
   * Answers with bytes whose number the headers say, asked for like those of a stream. Where not all of them can be had,
   * the connection is cut: nobody takes a part for the whole.
   */
  send(c: ApiContext, bytes: SentBytes): Response;
  count(): number;
  /** Aborts when the server stops: whoever waits is to be answered. */
  readonly closing: AbortSignal;
  /** Says farewell on all of them, and ends them. Nothing is opened after it. */
  close(): Promise<void>;
}

/** What is sent, and in which response. */
export interface SentBytes {
  readonly source: AsyncIterable<Uint8Array>;
  /** Called once, when nothing is asked of the source any more. */
  readonly release: () => void;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface OpenStream {
  readonly outgoing: ServerResponse;
  readonly stop: AbortController;
  /** Since when the client has left something unread. */
  unreadSince: number | undefined;
}

export function createStreams(unreadMs: number = UNREAD_MS, heartbeatMs: number = HEARTBEAT_MS): Streams {
  const open = new Set<OpenStream>();
  const closing = new AbortController();
  let allClosed: (() => void) | undefined;

  const watchdog = setInterval(
    () => {
      for (const stream of open) {
        if (!stream.outgoing.writableNeedDrain) stream.unreadSince = undefined;
        else stream.unreadSince ??= performance.now();
        if (performance.now() - (stream.unreadSince ?? Number.POSITIVE_INFINITY) > unreadMs) stream.outgoing.destroy();
      }
    },
    Math.min(1_000, unreadMs / 2),
  );
  watchdog.unref();

  function forget(stream: OpenStream): void {
    open.delete(stream);
    if (open.size === 0) allClosed?.();
  }

  /** @throws BusbarError SERVER_BUSY */
  function begin(c: ApiContext): { readonly stream: OpenStream; readonly signal: AbortSignal } {
    const isClosing = closing.signal.aborted;
    if (isClosing || open.size >= MAX_STREAMS) {
      throw new BusbarError("SERVER_BUSY", isClosing ? "the server is stopping" : `${MAX_STREAMS} streams are open`);
    }
    const stream: OpenStream = { outgoing: c.env.outgoing, stop: new AbortController(), unreadSince: undefined };
    const { until } = c.get("caller");
    const signals = [stream.stop.signal, c.req.raw.signal, ...(until === undefined ? [] : [until])];
    open.add(stream);
    const end = (): void => {
      stream.stop.abort();
      forget(stream);
    };
    if (stream.outgoing.closed) end();
    else stream.outgoing.once("close", end);
    return { stream, signal: AbortSignal.any(signals) };
  }

  return {
    send(c, { source, release, status, headers }) {
      const { stream, signal } = begin(c);
      let isReleased = false;
      const cut = (): void => {
        if (!isReleased) release();
        isReleased = true;
        stream.outgoing.destroy();
      };
      if (signal.aborted) cut();
      else signal.addEventListener("abort", cut, { once: true });
      const pieces = source[Symbol.asyncIterator]();
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            try {
              const next = await pieces.next();
              if (next.done === true) controller.close();
              else controller.enqueue(next.value);
            } catch {
              cut();
            }
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { status, headers });
    },
    open(c, source) {
      const { stream, signal } = begin(c);
      const pieces = source(signal);
      let coming: Promise<IteratorResult<Buffer>> | undefined;
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            // Without a byte, no header reaches the client before the first event.
            controller.enqueue(HEARTBEAT);
          },
          async pull(controller) {
            try {
              coming ??= pieces.next();
              const next = await orQuiet(coming, heartbeatMs);
              if (next === undefined) return controller.enqueue(HEARTBEAT);
              coming = undefined;
              if (next.done !== true) return controller.enqueue(next.value);
              if (closing.signal.aborted) controller.enqueue(encodeFrame({ event: "bye", retry: 1_000, data: {} }));
            } catch (thrown) {
              controller.enqueue(encodeFrame({ event: "problem", data: problemOf(toErrorInfo(thrown)) }));
            }
            controller.close();
          },
          async cancel() {
            stream.stop.abort();
            await pieces.return(undefined);
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
      });
    },
    count: () => open.size,
    closing: closing.signal,
    async close() {
      closing.abort();
      clearInterval(watchdog);
      if (open.size === 0) return;
      const gone = new Promise<void>((resolve) => {
        allClosed = resolve;
      });
      for (const { stop } of open) stop.abort();
      const cut = setTimeout(() => {
        for (const { outgoing } of open) outgoing.destroy();
      }, BYE_MS);
      await gone;
      clearTimeout(cut);
    },
  };
}
