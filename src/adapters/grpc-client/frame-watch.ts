// Node says that a session broke, not at which stream. A transport that reads the heads of the frames that come in
// knows it: the stream whose header block was still open. It costs a call 25 µs where calls go one by one, and hardly
// anything where many go at once, so it stands only under connections that calls share.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

const HEAD_BYTES = 9;
const HEADERS = 1;
const CONTINUATION = 9;
const END_HEADERS = 4;

export interface FrameWatch {
  push(chunk: Uint8Array): void;
  /** The stream whose header block has begun and not ended, undefined if none. */
  readonly openHeaders: number | undefined;
}

export function createFrameWatch(): FrameWatch {
  const head = new Uint8Array(HEAD_BYTES);
  let filled = 0;
  let left = 0;
  let openHeaders: number | undefined;
  const readHead = (bytes: Uint8Array, at: number): void => {
    left = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const type = bytes[at + 3];
    if (type !== HEADERS && type !== CONTINUATION) return;
    const stream =
      (((bytes[at + 5] ?? 0) & 0x7f) << 24) |
      ((bytes[at + 6] ?? 0) << 16) |
      ((bytes[at + 7] ?? 0) << 8) |
      (bytes[at + 8] ?? 0);
    openHeaders = ((bytes[at + 4] ?? 0) & END_HEADERS) === 0 ? stream : undefined;
  };
  return {
    get openHeaders() {
      return openHeaders;
    },
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (left > 0) {
          const skip = Math.min(left, chunk.length - at);
          left -= skip;
          at += skip;
        } else if (filled === 0 && chunk.length - at >= HEAD_BYTES) {
          readHead(chunk, at);
          at += HEAD_BYTES;
        } else {
          head[filled] = chunk[at] ?? 0;
          filled += 1;
          at += 1;
          if (filled < HEAD_BYTES) continue;
          filled = 0;
          readHead(head, 0);
        }
      }
    },
  };
}

/**
 * The socket, with a look at what comes in before it is handed on.
 * @param isBroken whether the session has given up: the watch stays as it was at that moment
 */
export function watchSocket(socket: Socket, watch: FrameWatch, isBroken: () => boolean): Duplex {
  const watched = new Duplex({
    read: () => socket.resume(),
    write: (chunk, encoding, done) => socket.write(chunk, encoding, done),
    writev(chunks, done) {
      socket.cork();
      for (const { chunk, encoding } of chunks.slice(0, -1)) socket.write(chunk, encoding);
      const last = chunks.at(-1);
      if (last === undefined) done();
      else socket.write(last.chunk, last.encoding, done);
      socket.uncork();
    },
    final: (done) => socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (chunk: Buffer) => {
    if (!isBroken()) watch.push(chunk);
    if (!watched.push(chunk)) socket.pause();
  });
  socket.on("end", () => watched.push(null));
  socket.on("error", (error) => watched.destroy(error));
  socket.on("close", () => watched.destroy());
  return watched;
}
