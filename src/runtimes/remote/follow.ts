import type { IncomingMessage } from "node:http";
import { BusbarError } from "../../kernel/errors.ts";
import type { ApiRequest } from "./connection.ts";
import { readEventStream, type StreamMessage } from "./event-stream.ts";
import { connectionError, foreign } from "./faults.ts";
import { errorOfProblem } from "./problem.ts";
import type { RemoteTools } from "./tools.ts";

/** A stream on which the server shows now and then that it is there is dead when it does not. */
const SILENT_MS = 45_000;

/** Where a stream goes on. */
export interface StreamPlace extends Pick<ApiRequest, "path" | "query" | "headers"> {}

/**
 * Reads an event stream to its end, and where it breaks the one that goes on behind what was given: `place` says which.
 * Ends quietly when the signal aborts, or the connection is closed.
 * @param options.beats whether the server shows on it now and then that it is there
 * @throws BusbarError what the server tells of; SERVER_… where it stays away
 */
export async function* followStream(
  tools: RemoteTools,
  place: () => StreamPlace,
  signal: AbortSignal | undefined,
  { beats }: { readonly beats: boolean },
): AsyncGenerator<StreamMessage> {
  const { connection, createPatience } = tools;
  const patience = createPatience();
  const isOver = (): boolean => signal?.aborted === true || connection.closed.aborted;
  let retryMs = 0;
  while (!isOver()) {
    let lost: unknown = new BusbarError("SERVER_UNREACHABLE", `${connection.url}: the stream was cut off`);
    try {
      const response = await connection.open({ ...place(), method: "GET", signal });
      if (beats) response.setTimeout(SILENT_MS, () => response.destroy(new Error("the stream fell silent")));
      const messages = readMessages(response, connection.url, patience.heard, (ms) => (retryMs = ms));
      for await (const message of messages) {
        patience.answered();
        if (message.event === "bye") {
          lost = new BusbarError("SERVER_BUSY", `${connection.url}: the server is stopping`);
          break;
        }
        if (message.event === "problem") throw errorOfProblem(JSON.parse(message.data)) ?? lost;
        yield message;
        if (message.event === "end") return;
      }
    } catch (thrown) {
      if (isOver()) return;
      lost = thrown;
    }
    if (!isOver()) await patience.lost(lost, signal, retryMs);
  }
}

/** A stream that breaks is told as a loss. */
async function* readMessages(
  response: IncomingMessage,
  url: string,
  onChunk: () => void,
  onRetry: (ms: number) => void,
): AsyncGenerator<StreamMessage> {
  try {
    yield* readEventStream(telling(response, onChunk), onRetry);
  } catch (cause) {
    throw cause instanceof RangeError
      ? foreign(url, cause.message, cause)
      : connectionError({ url, hasProxy: false }, cause);
  } finally {
    response.destroy();
  }
}

/** Also of what is no message: signs of life are none. */
async function* telling(chunks: AsyncIterable<Buffer>, onChunk: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
}
