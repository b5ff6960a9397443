// The life of one call, whatever its messages: it waits for a connection, goes out, is sent again where the server has
// certainly not looked at it, and ends once: with the server's status, by its deadline or by its caller.
import type { OutgoingHttpHeaders } from "node:http2";
import type { CancelTimer, Clock } from "../../kernel/clock.ts";
import type { Connection } from "./connection.ts";
import type { Dispatcher, Pending } from "./dispatcher.ts";
import { type End, type Exchange, endOfFault } from "./exchange.ts";
import type { Fault } from "./fault.ts";
import { ACCEPTED_ENCODINGS } from "./gzip.ts";
import { addMetadata, type Metadata } from "./metadata.ts";
import { Code, Http2Code } from "./status.ts";
import { encodeTimeout } from "./timeout.ts";
import { readPoll } from "./timers.ts";

/** What of a call does not depend on its messages. */
export interface CallOptions {
  readonly metadata?: Metadata;
  /** > 0; travels as the gRPC deadline. None if left out. */
  readonly timeoutMs?: number;
  /** Of a reply, and of a unary request; if left out, 4 MiB and none, as of gRPC. */
  readonly maxMessageBytes?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** How a call has ended. */
export interface CallEnd extends End {
  /** Whether any of it was ever given to a connection. */
  readonly sent: boolean;
  /** Where it was sent last. */
  readonly address?: string;
}

export interface CallHandlers {
  /** It goes out: the first time, or once more. */
  readonly onStart?: (exchange: Exchange) => void;
  readonly onMessage: (message: Buffer) => void;
  readonly onEnd: (end: CallEnd) => void;
  /** Whether it could go out once more as it did the first time; true if left out. */
  readonly canRepeat?: () => boolean;
}

/** What of a channel its calls need. */
export interface CallContext {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  /** Headers that all calls have. */
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly userAgent: string;
  /** A call begins (1), or has ended (-1). */
  count(change: 1 | -1): void;
}

/**
 * @param body the only message, framed; undefined where they are written one by one
 * @returns ends the call with CANCELLED
 */
export function startCall(
  context: CallContext,
  path: string,
  body: Buffer | undefined,
  options: CallOptions,
  handlers: CallHandlers,
): () => void {
  const { clock, dispatcher } = context;
  const { timeoutMs, signal, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
  const begun = clock.monotonic();
  let connection: Connection | undefined;
  let exchange: Exchange | undefined;
  let wentOut = { ms: 0, bytes: 0 };
  let tries = 0;
  let isEnded = false;
  let cancelTimer: CancelTimer | undefined;

  const headers: OutgoingHttpHeaders = {
    ":method": "POST",
    ":scheme": context.scheme,
    ":authority": context.authority,
    ":path": path,
    te: "trailers",
    "content-type": "application/grpc",
    "user-agent": context.userAgent,
    "grpc-accept-encoding": ACCEPTED_ENCODINGS,
  };

  const finish = (end: End): void => {
    if (isEnded) return;
    isEnded = true;
    context.count(-1);
    cancelTimer?.();
    signal?.removeEventListener("abort", cancel);
    handlers.onEnd({ ...end, sent: tries > 0, ...(connection === undefined ? {} : { address: connection.address }) });
  };

  /** Ends it from our side. */
  const stop = (code: number, fault: Fault): void => {
    const end = endOfFault(code, fault);
    if (exchange === undefined) finish(end);
    else exchange.end(end);
  };

  /** The server counts the same time, and cancels the stream a moment before our timer does. */
  const isDeadlineOfServer = ({ fault }: End): boolean =>
    fault?.kind === "reset" &&
    fault.httpCode === Http2Code.CANCEL &&
    timeoutMs !== undefined &&
    clock.monotonic() - begun >= timeoutMs;

  const sink = {
    onMessage: handlers.onMessage,
    onEnd(end: End): void {
      exchange = undefined;
      // Written twice at most: what refuses it again would go on to do so.
      if (end.unprocessed === true && tries < 2 && handlers.canRepeat?.() !== false && !isEnded) {
        dispatcher.submit(pending);
      } else {
        finish(
          isDeadlineOfServer(end)
            ? endOfFault(Code.DEADLINE_EXCEEDED, { kind: "late", heard: true, got: "nothing" })
            : end,
        );
      }
    },
  };

  const pending: Pending = {
    start(next) {
      wentOut = { ms: clock.monotonic(), bytes: next.bytesRead() };
      const leftMs = timeoutMs === undefined ? undefined : timeoutMs - (wentOut.ms - begun);
      if (timeoutMs !== undefined && leftMs !== undefined) {
        // Its turn, or its connection, came with what was read before the timer is believed: a server would begin for
        // nobody.
        if (leftMs <= 0) {
          const wasQueued = next.readyMs - begun < timeoutMs;
          const fault: Fault = wasQueued ? { kind: "queued" } : { kind: "late", heard: false, got: "nothing" };
          finish(endOfFault(Code.DEADLINE_EXCEEDED, fault));
          return true;
        }
        headers["grpc-timeout"] = encodeTimeout(leftMs);
      }
      const started = next.start(headers, body, maxMessageBytes, leftMs, sink);
      if (started === undefined) return false;
      connection = next;
      exchange = started;
      tries += 1;
      handlers.onStart?.(started);
      return true;
    },
    fail: (code, fault) => finish(endOfFault(code, fault)),
  };

  const expire = (): void => {
    if (isEnded) return;
    if (exchange === undefined) return finish(endOfFault(Code.DEADLINE_EXCEEDED, dispatcher.withdraw(pending)));
    const heard = connection?.noteExpired(wentOut) === true;
    stop(Code.DEADLINE_EXCEEDED, { kind: "late", heard, got: exchange.progress() });
  };

  const cancel = (): void => {
    if (isEnded) return;
    if (exchange === undefined) dispatcher.withdraw(pending);
    stop(Code.CANCELLED, { kind: "cancelled" });
  };

  context.count(1);
  const unsendable = options.metadata === undefined ? undefined : addMetadata(headers, options.metadata);
  if (unsendable !== undefined) {
    finish(endOfFault(Code.INTERNAL, unsendable));
  } else if (signal?.aborted === true) {
    finish(endOfFault(Code.CANCELLED, { kind: "cancelled" }));
  } else {
    signal?.addEventListener("abort", cancel);
    dispatcher.submit(pending);
    if (timeoutMs !== undefined && !isEnded) {
      cancelTimer = clock.after(timeoutMs, () => readPoll(() => connection?.bytesRead() ?? 0, expire));
    }
  }
  return cancel;
}
