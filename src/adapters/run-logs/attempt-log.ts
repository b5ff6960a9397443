import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../kernel/clock.ts";
import type { PieceMask } from "../../kernel/mask-pieces.ts";
import type { AttemptKey } from "../../ports/attempt-key.ts";
import type { AttemptLog, LogStream } from "../../ports/run-logs.ts";
import type { Encoder } from "./encoder.ts";
import type { LogLimits } from "./limits.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { readOwnRecords } from "./own-records.ts";
import { headRecord, lineRecord, partRecord, STREAMS, timeRecord } from "./records.ts";
import { createSegments, SEGMENTS } from "./segments.ts";

export interface AttemptLogOptions {
  readonly folder: string;
  readonly key: AttemptKey;
  readonly clock: Pick<Clock, "now">;
  readonly maskPieces: () => PieceMask;
  readonly limits: LogLimits;
  /** Used by all attempts of a process, one after the other. */
  readonly encoder: Encoder;
  /** Called at most once. */
  readonly onTrouble: (cause: unknown) => void;
}

/** Bytes that are worked on at once, whatever is handed over. */
const SLICE_BYTES = 256 * 1024;

/**
 * Bytes become text, the text is masked, the masked text becomes lines, the lines records. In this order: a value
 * that is to be hidden may lie across chunks, cuts and lines. Between two calls memory holds at most a part of a
 * character, what may be the beginning of a value (which alone is lost with the process), and a line's beginning.
 */
export function createAttemptLog(options: AttemptLogOptions): AttemptLog {
  const { clock, maskPieces, limits } = options;
  const segments = createSegments(options.folder, limits.attemptBytes, Buffer.from(headRecord(options.key)));
  const batchBytes = Math.max(1, Math.floor(limits.attemptBytes / SEGMENTS / 8));
  const sliceBytes = Math.min(SLICE_BYTES, batchBytes);
  const createStream = (stream: LogStream) => ({
    stream,
    decoder: new StringDecoder("utf8"),
    mask: maskPieces(),
    splitter: createLineSplitter(limits.lineChars),
    /** Characters of its unfinished line that are in the file already. */
    writtenChars: 0,
  });
  type Stream = ReturnType<typeof createStream>;
  const createStreams = () => new Map(STREAMS.map((stream) => [stream, createStream(stream)]));
  let streams = createStreams();
  let broken = false;
  let batch: string[] = [];
  let batched = 0;
  /** Bytes of containers that came since the last flush. */
  let content = 0;

  function flush(): void {
    if (batch.length === 0) return;
    const text = timeRecord(clock.now()) + batch.join("");
    const bytes = content;
    batch = [];
    batched = 0;
    content = 0;
    segments.append(options.encoder.encode(text), bytes);
  }

  function put(record: string): void {
    batch.push(record);
    batched += record.length;
  }

  function take(one: Stream, text: string): void {
    for (const line of one.splitter.push(text)) {
      put(lineRecord(one.stream, line));
      one.writtenChars = 0;
    }
    const rest = one.splitter.rest();
    if (rest.length > one.writtenChars) put(partRecord(one.stream, rest.slice(one.writtenChars)));
    one.writtenChars = rest.length;
  }

  /** Writes what is left of a stream that has ended. */
  function finish(one: Stream): void {
    take(one, one.mask.push(one.decoder.end()) + one.mask.end());
    const rest = one.splitter.rest();
    if (rest !== "") put(lineRecord(one.stream, rest));
  }

  /** Trouble with the disk is reported once; of this attempt nothing more is written then (L3). */
  function guarded(action: () => void): void {
    if (broken) return;
    try {
      action();
    } catch (cause) {
      broken = true;
      streams = new Map();
      batch = [];
      options.onTrouble(cause);
      close();
    }
  }

  function close(): void {
    try {
      segments.close();
    } catch (cause) {
      if (!broken) options.onTrouble(cause);
    }
    broken = true;
  }

  return {
    write(stream, chunk) {
      guarded(() => {
        const one = streams.get(stream);
        if (one === undefined) return;
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
        for (let from = 0; from < bytes.length; from += sliceBytes) {
          const slice = bytes.subarray(from, from + sliceBytes);
          take(one, one.mask.push(one.decoder.write(slice)));
          if (stream !== "busbar") content += slice.length;
          if (batched >= batchBytes) flush();
        }
        flush();
      });
    },
    restart() {
      guarded(() => {
        streams = createStreams();
        segments.restart(options.encoder.encode(readOwnRecords(options.folder, batchBytes)));
      });
    },
    end() {
      guarded(() => {
        for (const one of streams.values()) finish(one);
        flush();
      });
      if (!broken) close();
    },
  };
}
