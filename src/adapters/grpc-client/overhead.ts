// Frames that belong to no call, PING and SETTINGS, cost the peer less than us. A server that measures the round trip
// sends them too: one of Go pings whenever DATA comes and no ping of its own is on the way, many thousand in a second.
import type { Clock } from "../../kernel/clock.ts";

/** In a second, whatever we send. */
const FREE_FRAMES = 1000;
/** A message may go out as two frames, the second of them empty. */
const FRAMES_PER_MESSAGE = 2;
/** Of a large message; a frame mostly has twice as much. */
const BYTES_PER_FRAME = 8192;

export interface Overhead {
  /** A message of ours goes out, which the peer may answer with such frames. */
  noteMessage(): void;
  /** One such frame has come. @returns whether they are a flood */
  noteFrame(): boolean;
}

/** @param bytesWritten to the peer, ever */
export function createOverhead(clock: Clock, bytesWritten: () => number): Overhead {
  let messages = 0;
  let since = { ms: 0, messages: 0, bytes: 0 };
  let frames = 0;
  return {
    noteMessage() {
      messages += 1;
    },
    noteFrame() {
      const now = clock.monotonic();
      if (now - since.ms >= 1000) {
        since = { ms: now, messages, bytes: bytesWritten() };
        frames = 0;
      }
      frames += 1;
      if (frames <= FREE_FRAMES) return false;
      const earned =
        FRAMES_PER_MESSAGE * (messages - since.messages) + (bytesWritten() - since.bytes) / BYTES_PER_FRAME;
      return frames > FREE_FRAMES + earned;
    },
  };
}
