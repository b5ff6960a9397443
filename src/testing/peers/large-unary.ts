// A server of UnaryCall that writes frames by hand and keeps to the windows of the client, so that requests and answers
// may be as large as in gRPC's tests while everything else about them may be wrong.
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  encodeCode,
  encodeMessage,
  type Frame,
  type FrameConnection,
  type FramePeerOptions,
  FrameType,
  OK_TRAILERS,
  REPLY_HEADERS,
  startFramePeer,
} from "./frames.ts";
import { encodeResponse } from "./interop-messages.ts";
import type { RunningPeer } from "./peer.ts";

export const LARGE_RESPONSE_BYTES = 314_159;
const MAX_FRAME_BYTES = 16_384;
const PADDED = 8;

/** A call whose request has come whole. */
export interface LargeCall {
  readonly stream: number;
  readonly connection: FrameConnection;
  /** Calls before it, on all connections. */
  readonly nth: number;
  /** Headers of the reply. */
  sendHeaders(): void;
  /**
   * These bytes as DATA, as the client's windows let them.
   * @param frameBytes of each frame
   * @param padding bytes added to each frame; not even a length of it where undefined
   */
  sendData(bytes: Uint8Array, frameBytes?: number, padding?: number): Promise<void>;
  /** OK. */
  sendTrailers(): void;
}

/** The whole message that answers. */
export const LARGE_REPLY: Buffer = encodeMessage(encodeResponse(LARGE_RESPONSE_BYTES));

/**
 * @param onCall gets each call
 * @param onFrame gets each frame of the client as well, before it is acted on
 */
export function startLargeUnaryPeer(
  onCall: (call: LargeCall) => unknown,
  onFrame: (frame: Frame, connection: FrameConnection) => void = () => undefined,
  options?: FramePeerOptions,
): Promise<RunningPeer> {
  const windows = new Map<FrameConnection, Windows>();
  let calls = 0;
  return startFramePeer((frame, connection) => {
    onFrame(frame, connection);
    const window = windows.get(connection) ?? createWindows();
    windows.set(connection, window);
    window.take(frame);
    const { type, flags, stream, payload } = frame;
    if (type !== FrameType.DATA) return;
    // The client may send as much again.
    if (payload.length > 0) connection.send(FrameType.WINDOW_UPDATE, 0, 0, encodeCode(payload.length));
    if ((flags & END_STREAM) === 0) {
      if (payload.length > 0) connection.send(FrameType.WINDOW_UPDATE, 0, stream, encodeCode(payload.length));
      return;
    }
    onCall({
      stream,
      connection,
      nth: calls++,
      sendHeaders: () => connection.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS),
      async sendData(bytes, frameBytes = MAX_FRAME_BYTES, padding) {
        for (let at = 0; at < bytes.length; at += frameBytes) {
          const data = bytes.subarray(at, at + frameBytes);
          const framed =
            padding === undefined ? data : Buffer.concat([Buffer.from([padding]), data, Buffer.alloc(padding)]);
          await window.spend(stream, framed.length);
          connection.send(FrameType.DATA, padding === undefined ? 0 : PADDED, stream, framed);
        }
      },
      sendTrailers: () => connection.send(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, OK_TRAILERS),
    });
  }, options);
}

/** What the client lets the server send (RFC 9113, 6.9). */
interface Windows {
  take(frame: Frame): void;
  /** Waits until so many bytes may be sent on the stream. */
  spend(stream: number, bytes: number): Promise<void>;
}

const INITIAL_WINDOW_SIZE = 4;

function createWindows(): Windows {
  let initial = 65_535;
  let whole = 65_535;
  /** By how much the window of a stream differs from the initial one. */
  const changes = new Map<number, number>();
  let wake: (() => void)[] = [];
  const change = (stream: number, bytes: number): void => {
    if (stream === 0) whole += bytes;
    else changes.set(stream, (changes.get(stream) ?? 0) + bytes);
  };
  return {
    take({ type, flags, stream, payload }) {
      if (type === FrameType.SETTINGS && (flags & ACK) === 0) {
        for (let at = 0; at < payload.length; at += 6) {
          if (payload.readUInt16BE(at) === INITIAL_WINDOW_SIZE) initial = payload.readUInt32BE(at + 2);
        }
      } else if (type === FrameType.WINDOW_UPDATE) {
        change(stream, payload.readUInt32BE(0));
      } else {
        return;
      }
      const waiting = wake;
      wake = [];
      for (const go of waiting) go();
    },
    async spend(stream, bytes) {
      while (Math.min(whole, initial + (changes.get(stream) ?? 0)) < bytes) {
        await new Promise<void>((resolve) => wake.push(resolve));
      }
      change(0, -bytes);
      change(stream, -bytes);
    },
  };
}
