// A peer that writes frames of HTTP/2 by hand, so that it can break every rule.
import { createServer, type Socket } from "node:net";
import { listenAsPeer, type PeerOptions, type RunningPeer } from "./peer.ts";

export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function encodeFrame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** As literals without indexing and without Huffman (RFC 7541, 6.2.2). */
export function encodeHeaders(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), encodeText(name), encodeText(value)]));
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** RFC 9113, 5.4 and 6.8: a code of four bytes. */
export function encodeCode(code: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(code);
  return bytes;
}

/** One byte for compression, four for the length, then the message. */
export function encodeMessage(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export const REPLY_HEADERS = encodeHeaders([
  [":status", "200"],
  ["content-type", "application/grpc"],
]);
export const OK_TRAILERS = encodeHeaders([["grpc-status", "0"]]);

export interface FrameConnection {
  readonly socket: Socket;
  send(type: number, flags: number, stream: number, payload?: Uint8Array): void;
  /** A whole good answer. */
  answer(stream: number, message: Uint8Array): void;
}

export interface FramePeerOptions extends PeerOptions {
  /** Its SETTINGS, as id and value; an empty list if left out, none at all where undefined. */
  readonly settings?: readonly (readonly [number, number])[] | undefined;
  /** Whether it leaves its side open when the client has hung up. */
  readonly keepsOpen?: boolean;
}

/**
 * Says its SETTINGS to whoever connects and takes notice of theirs; everything else is for `onFrame`.
 * @param onFrame gets each frame of the client
 */
export function startFramePeer(
  onFrame: (frame: Frame, connection: FrameConnection) => void,
  options: FramePeerOptions = {},
): Promise<RunningPeer> {
  return listenAsPeer(
    createServer({ noDelay: true, allowHalfOpen: options.keepsOpen ?? false }, (socket) => {
      const connection: FrameConnection = {
        socket,
        send(type, flags, stream, payload) {
          if (!socket.destroyed) socket.write(encodeFrame(type, flags, stream, payload));
        },
        answer(stream, message) {
          this.send(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
          this.send(FrameType.DATA, 0, stream, encodeMessage(message));
          this.send(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, OK_TRAILERS);
        },
      };
      const settings = "settings" in options ? options.settings : [];
      if (settings !== undefined) {
        const payload = settings.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), encodeCode(value)]));
        connection.send(FrameType.SETTINGS, 0, 0, Buffer.concat(payload));
      }
      let rest = Buffer.alloc(0);
      let isPrefaced = false;
      socket.on("data", (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        if (!isPrefaced) {
          if (rest.length < PREFACE_BYTES) return;
          rest = rest.subarray(PREFACE_BYTES);
          isPrefaced = true;
        }
        for (;;) {
          const length = rest.length < 9 ? Number.POSITIVE_INFINITY : 9 + rest.readUIntBE(0, 3);
          if (rest.length < length) return;
          const frame: Frame = {
            type: rest[3] ?? 0,
            flags: rest[4] ?? 0,
            stream: rest.readUInt32BE(5) & 0x7fff_ffff,
            payload: Buffer.from(rest.subarray(9, length)),
          };
          rest = rest.subarray(length);
          if (frame.type === FrameType.SETTINGS && (frame.flags & ACK) === 0 && settings !== undefined) {
            connection.send(FrameType.SETTINGS, ACK, 0);
          }
          onFrame(frame, connection);
        }
      });
    }),
    options,
  );
}

const PREFACE_BYTES = 24;
