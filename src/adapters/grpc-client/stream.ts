import { type CallContext, type CallEnd, type CallOptions, startCall } from "./call.ts";
import type { Exchange } from "./exchange.ts";
import { frameMessage } from "./framing.ts";

/** A call with any number of messages each way, its answers read one by one. */
export interface MessageStream {
  /** Resolves when more may be written; also after the stream has ended, which `end` tells. */
  write(message: Uint8Array): Promise<void>;
  /** No more is to be written. */
  finishWriting(): void;
  /** The next message; undefined when there are no more. One at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** How it ended. Never rejects. A server's own end comes after what it sent before has been read. */
  readonly end: Promise<CallEnd>;
  /** Ends it, and resolves when it counts no more, so that the next call need not have a connection of its own. */
  cancel(): Promise<void>;
}

/** What has been written is kept so far, to be sent again should the server refuse the stream unseen. */
const MAX_KEPT_BYTES = 65_536;

export function openStream(context: CallContext, path: string, options: CallOptions): MessageStream {
  const outcome = Promise.withResolvers<CallEnd>();
  const arrived: Uint8Array[] = [];
  let reader: ((message: Uint8Array | undefined) => void) | undefined;
  let exchange: Exchange | undefined;
  let latest: Exchange | undefined;
  let isEnded = false;
  let isFinished = false;
  /** What was written so far; undefined when it has become too much to keep, or an answer has come. */
  let kept: Buffer[] | undefined = [];
  let keptBytes = 0;
  /** Writes whose turn has not come: there is no connection yet. */
  const early: (() => void)[] = [];

  const end = startCall(context, path, undefined, options, {
    canRepeat: () => kept !== undefined,
    onStart(started) {
      exchange = started;
      latest = started;
      // Nothing is read before somebody asks; a stream that has just begun holds nothing yet.
      started.setReading(reader !== undefined);
      for (const framed of kept ?? []) started.write(framed, ignore);
      if (isFinished) started.finishWriting();
      for (const go of early.splice(0)) go();
    },
    onMessage(message) {
      kept = undefined;
      if (reader === undefined) {
        arrived.push(message);
        exchange?.setReading(false);
        return;
      }
      const give = reader;
      reader = undefined;
      give(message);
    },
    onEnd(end) {
      isEnded = true;
      exchange = undefined;
      reader?.(undefined);
      reader = undefined;
      for (const go of early.splice(0)) go();
      outcome.resolve(end);
    },
  });

  return {
    end: outcome.promise,
    cancel() {
      end();
      return new Promise((resolve) => (latest === undefined ? resolve() : latest.whenClosed(resolve)));
    },
    write(message) {
      const framed = frameMessage(message);
      if (isEnded || isFinished) return Promise.resolve();
      if (kept !== undefined) {
        keptBytes += framed.length;
        if (keptBytes <= MAX_KEPT_BYTES) kept.push(framed);
        else if (exchange !== undefined) kept = undefined;
        else kept.push(framed);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      if (exchange === undefined) early.push(resolve);
      else exchange.write(framed, () => resolve());
      return promise;
    },
    finishWriting() {
      if (isFinished) return;
      isFinished = true;
      exchange?.finishWriting();
    },
    read() {
      const next = arrived.shift();
      if (next !== undefined || isEnded) return Promise.resolve(next);
      const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
      reader = resolve;
      exchange?.setReading(true);
      return promise;
    },
  };
}

function ignore(): void {}
