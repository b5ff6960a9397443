// A server may end a call while its request is still being sent: its status counts, not how it ends the sending.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  encodeCode,
  encodeFrame,
  encodeHeaders,
  encodeMessage,
  type FrameConnection,
  FrameType,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { startGrpcPeer } from "../../testing/peers/grpc.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { Code } from "./status.ts";

const STATUS: readonly (readonly [string, string])[] = [
  ["grpc-status", "8"],
  ["grpc-message", "too large"],
];
const LAST = END_HEADERS | END_STREAM;
const only = encodeHeaders([[":status", "200"], ["content-type", "application/grpc"], ...STATUS]);
const trailersOnly = (stream: number): Buffer => encodeFrame(FrameType.HEADERS, LAST, stream, only);
const headers = (stream: number): Buffer => encodeFrame(FrameType.HEADERS, END_HEADERS, stream, REPLY_HEADERS);
const trailers = (stream: number): Buffer => encodeFrame(FrameType.HEADERS, LAST, stream, encodeHeaders(STATUS));
const reset = (stream: number, code: number): Buffer => encodeFrame(FrameType.RST_STREAM, 0, stream, encodeCode(code));
const goaway = (lastId: number, code: number): Buffer =>
  encodeFrame(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(lastId), encodeCode(code)]));
const data = (stream: number): Buffer => encodeFrame(FrameType.DATA, 0, stream, encodeMessage(Buffer.from("hi")));

type Way = (stream: number, connection: FrameConnection) => void;
const say =
  (...frames: readonly ((stream: number) => Buffer)[]): Way =>
  (stream, { socket }) =>
    void socket.write(Buffer.concat(frames.map((frame) => frame(stream))));

const WAYS: Readonly<Record<string, Way>> = {
  "a reset with NO_ERROR, as Go does": say(trailersOnly, (stream) => reset(stream, 0)),
  "a reset with CANCEL": say(trailersOnly, (stream) => reset(stream, 8)),
  "a reset with INTERNAL_ERROR": say(trailersOnly, (stream) => reset(stream, 2)),
  "a reset with REFUSED_STREAM": say(trailersOnly, (stream) => reset(stream, 7)),
  "headers, trailers, and a reset": say(headers, trailers, (stream) => reset(stream, 0)),
  "a message, trailers, and a reset": say(headers, data, trailers, (stream) => reset(stream, 8)),
  "no reset at all": say(trailersOnly),
  "a GOAWAY that does not count the call": say(trailersOnly, () => goaway(0, 0)),
  "a GOAWAY for too much": say(trailersOnly, (stream) => goaway(stream, 11)),
};

/** Lets 1 MiB of each request come, and treats the call in that way when its first part is here. */
function startImpatient(way: Way) {
  const treated = new WeakMap<FrameConnection, Set<number>>();
  return startFramePeer(
    ({ type, flags, stream }, connection) => {
      if (type === FrameType.SETTINGS && (flags & ACK) === 0) {
        connection.send(FrameType.WINDOW_UPDATE, 0, 0, encodeCode(0x7fff_0000));
      }
      const known = treated.get(connection) ?? new Set();
      treated.set(connection, known);
      if (type !== FrameType.DATA || known.has(stream)) return;
      known.add(stream);
      way(stream, connection);
    },
    { settings: [[4, 1 << 20]] },
  );
}

/** The ends of three requests of 4 MiB: one alone, then two at once. */
async function callThrice(address: string) {
  using channel = channelTo(address);
  const call = () => channel.unary("/test.Echo/Say", Buffer.alloc(4 << 20), { timeoutMs: 20_000 });
  return [await call(), ...(await Promise.all([call(), call()]))];
}

describe("a request that the server does not take to its end", () => {
  for (const [name, way] of Object.entries(WAYS)) {
    it(`ends with the status that came before ${name}`, async () => {
      await using peer = await startImpatient(way);
      for (const { code, message, fault } of await callThrice(peer.address)) {
        assert.deepEqual([code, message, fault], [Code.RESOURCE_EXHAUSTED, "too large", undefined]);
      }
    });
  }

  it("ends with the status that came before the end of the connection", async () => {
    await using peer = await startImpatient((stream, { socket }) => void socket.end(trailersOnly(stream)));
    for (let nth = 0; nth < 20; nth += 1) {
      using channel = channelTo(peer.address);
      const { code, fault } = await channel.unary("/test.Echo/Say", Buffer.alloc(4 << 20), { timeoutMs: 20_000 });
      assert.deepEqual([code, fault], [Code.RESOURCE_EXHAUSTED, undefined]);
    }
  });

  const WORDLESS: Readonly<Record<string, Way>> = {
    "a reset with NO_ERROR": say((stream) => reset(stream, 0)),
    "headers and a reset with NO_ERROR": say(headers, (stream) => reset(stream, 0)),
    "the end of the answer": say(headers, (stream) => encodeFrame(FrameType.DATA, END_STREAM, stream)),
  };
  for (const [name, way] of Object.entries(WORDLESS)) {
    it(`is at its end at once after ${name} without a status`, async () => {
      await using peer = await startImpatient(way);
      for (const { code, fault } of await callThrice(peer.address)) {
        assert.deepEqual([code, fault], [Code.INTERNAL, { kind: "noStatus" }]);
      }
    });
  }

  it("ends with the status of a server of grpc-js, over its limit by a little and by far", async () => {
    await using peer = await startGrpcPeer();
    using channel = channelTo(peer.address);
    for (const bytes of [(4 << 20) + 1, 40 << 20]) {
      const call = () => channel.unary("/ContainerExecutor/Execute", Buffer.alloc(bytes), { timeoutMs: 20_000 });
      for (const { code, message, fault } of await Promise.all([call(), call(), call()])) {
        assert.deepEqual([code, fault], [Code.RESOURCE_EXHAUSTED, undefined]);
        assert.match(message, new RegExp(`larger than max \\(${bytes} vs ${4 << 20}\\)`));
      }
    }
  });
});
