// Reads a log to its end, or follows it: what was written before first, then what is written. Where the connection is
// lost it begins anew; what was there stays in sight until all of it has come again.
import { isApiError, type StreamMessage } from "../../../../api/client.ts";
import { createLogBuffer, type LogBuffer, type LogLine } from "./log-buffer.ts";

export interface LogReading {
  readonly buffer: LogBuffer;
  /**
   * `loading`: nothing is known yet. `open`: more may come. `ended`: nothing will. `lost`: the connection is, and it is
   * tried again. `failed`: the server refused.
   */
  readonly state: "loading" | "open" | "ended" | "lost" | "failed";
  /** Why it was refused. */
  readonly thrown?: unknown;
}

export interface LogReader {
  reading(): LogReading;
  /** Lets the connection go, until `resume`; browsers allow few of them. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** A stream does not say where what was there before ends: it is so long quiet then. */
const QUIET_MS = 250;
/** How often whoever shows it is told, at most. */
const TELL_MS = 60;
const RETRY_MS = [1_000, 2_000, 5_000];

/** @param open opens the stream from its beginning */
export function createLogReader(
  open: (signal: AbortSignal) => AsyncGenerator<readonly StreamMessage[]>,
  onChange: () => void,
): LogReader {
  let reading: LogReading = { buffer: createLogBuffer(), state: "loading" };
  let connection: AbortController | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;

  function become(next: Partial<LogReading>): void {
    reading = { ...reading, ...next };
    telling ??= setTimeout(() => {
      telling = undefined;
      onChange();
    }, TELL_MS);
  }

  async function follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      const isOver = await readOnce(signal, () => {
        failures = 0;
      });
      if (isOver || signal.aborted) return;
      become({ state: "lost" });
      await wait(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, signal);
    }
  }

  /** @returns whether nothing more will come */
  async function readOnce(signal: AbortSignal, onSign: () => void): Promise<boolean> {
    const buffer = createLogBuffer();
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => become({ buffer, state: "open" });
    try {
      for await (const messages of open(signal)) {
        onSign();
        buffer.add(messages.filter(({ event }) => event === "message").map(({ data }) => data as LogLine));
        if (messages.some(({ event }) => event === "end")) {
          become({ buffer, state: "ended" });
          return true;
        }
        clearTimeout(quiet);
        if (buffer.lines.length > 0 && buffer.lines.length >= reading.buffer.lines.length) show();
        else quiet = setTimeout(show, QUIET_MS);
      }
    } catch (thrown) {
      if (!isApiError(thrown) || signal.aborted) return false;
      become({ state: "failed", thrown });
      return true;
    } finally {
      clearTimeout(quiet);
    }
    return false;
  }

  function resume(): void {
    if (connection !== undefined || reading.state === "ended" || reading.state === "failed") return;
    connection = new AbortController();
    void follow(connection.signal);
  }

  function pause(): void {
    connection?.abort();
    connection = undefined;
  }

  return {
    reading: () => reading,
    resume,
    pause,
    stop() {
      pause();
      clearTimeout(telling);
    },
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
