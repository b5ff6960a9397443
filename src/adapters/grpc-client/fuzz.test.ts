// Whatever a server may send, a call has an outcome: nothing is thrown, nothing hangs, and the next call is made.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  END_HEADERS,
  END_STREAM,
  encodeFrame,
  encodeHeaders,
  encodeMessage,
  FrameType,
  OK_TRAILERS,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";

const IS_FULL = process.env.BUSBAR_CAMPAIGN === "full";
const numRuns = IS_FULL ? 5000 : 150;

/** Header blocks: good ones, odd ones, and bytes that are none. */
const block = fc.oneof(
  fc.constant(REPLY_HEADERS),
  fc.constant(OK_TRAILERS),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          ":status",
          "content-type",
          "grpc-status",
          "grpc-message",
          "grpc-encoding",
          "x-bin",
          "X",
          ":path",
          "",
        ),
        fc.oneof(
          fc.constantFrom("200", "100", "404", "application/grpc", "0", "-1", "99999999999", "gzip", "%zz"),
          fc.string({ maxLength: 30 }),
        ),
      ),
      { maxLength: 5 },
    )
    .map(encodeHeaders),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);
const data = fc.oneof(
  fc
    .uint8Array({ maxLength: 40 })
    .chain((bytes) => fc.integer({ min: 0, max: 2 }).map((flags) => encodeMessage(bytes, flags))),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.from([0, 0xff, 0xff, 0xff, 0xff])),
);
const payloads: readonly (readonly [number, fc.Arbitrary<Buffer>])[] = [
  [FrameType.HEADERS, block],
  [FrameType.CONTINUATION, block],
  [FrameType.DATA, data],
  ...[
    FrameType.RST_STREAM,
    FrameType.SETTINGS,
    FrameType.PUSH_PROMISE,
    FrameType.PING,
    FrameType.GOAWAY,
    FrameType.WINDOW_UPDATE,
    10,
    255,
  ].map((type) => [type, fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes))] as const),
];
const frame = fc.oneof(
  ...payloads.map(([type, payload]) =>
    fc
      .tuple(
        payload,
        fc.oneof(fc.constantFrom(0, END_STREAM, END_HEADERS, END_HEADERS | END_STREAM), fc.nat({ max: 255 })),
        fc.constantFrom("own", 0, 2, 99),
      )
      .map(
        ([bytes, flags, stream]) =>
          (own: number) =>
            encodeFrame(type, flags, stream === "own" ? own : Number(stream), bytes),
      ),
  ),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => () => Buffer.from(bytes)),
);

describe("a server that sends anything", () => {
  it("gets an outcome for every call, alone and in company", async () => {
    let answer: readonly ((own: number) => Buffer)[] = [];
    let ends = false;
    await using peer = await startFramePeer((received, connection) => {
      if (received.type !== FrameType.DATA || (received.flags & END_STREAM) === 0) return;
      if (!connection.socket.destroyed) {
        connection.socket.write(Buffer.concat(answer.map((make) => make(received.stream))));
        if (ends) connection.socket.end();
      }
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        async (frames, hangsUp, streams) => {
          answer = frames;
          ends = hangsUp;
          using channel = channelTo(peer.address);
          const options = { timeoutMs: 60, maxMessageBytes: 1000 };
          const talk = async () => {
            const stream = channel.open("/test.Echo/Talk", options);
            await stream.write(Buffer.from("hello"));
            stream.finishWriting();
            while ((await stream.read()) !== undefined);
            return stream.end;
          };
          const calls = [1, 2, 3].map((nth) =>
            streams && nth > 1 ? talk() : channel.unary("/test.Echo/Say", Buffer.from("hello"), options),
          );
          for (const { code, fault, message } of await Promise.all(calls)) {
            assert.equal(typeof code, "number");
            // A status that we made says why, and one that the server sent is in its words.
            if (fault !== undefined) assert.equal(message, "");
          }
        },
      ),
      { numRuns, endOnFailure: true },
    );
  });
});
