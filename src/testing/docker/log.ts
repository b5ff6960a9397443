import type { AttemptLog, LogStream } from "../../ports/run-logs.ts";

/** An attempt's log in memory. */
export interface CapturedLog extends AttemptLog {
  /** What was written to a stream, of the container since the last restart. */
  text(stream: LogStream): string;
  readonly restarts: number;
  readonly ended: boolean;
  /** As another process would open it: what was written before is still there. */
  reopen(): CapturedLog;
  /** Resolves once the stream holds the text. */
  holds(stream: LogStream, text: string): Promise<void>;
}

export function captureLog(): CapturedLog {
  let chunks: { readonly stream: LogStream; readonly chunk: Buffer }[] = [];
  let restarts = 0;
  let ended = false;
  const waiting = new Set<() => void>();
  const text = (stream: LogStream): string =>
    Buffer.concat(chunks.flatMap((one) => (one.stream === stream ? [one.chunk] : []))).toString();
  const log: CapturedLog = {
    write(stream, chunk) {
      if (ended) throw new Error(`written after its end: ${chunk}`);
      chunks.push({ stream, chunk: Buffer.from(chunk) });
      for (const look of waiting) look();
    },
    restart() {
      restarts += 1;
      chunks = chunks.filter(({ stream }) => stream === "busbar");
    },
    end() {
      ended = true;
    },
    reopen() {
      ended = false;
      return log;
    },
    text,
    get restarts() {
      return restarts;
    },
    get ended() {
      return ended;
    },
    holds: (stream, part) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text(stream).includes(part)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  return log;
}
