// The client side of gRPC's negative HTTP/2 tests, by the names that they have there
// (doc/negative-http2-interop-test-descriptions.md). What else may happen at each moment of a call is in endings.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ACK,
  encodeCode,
  type Frame,
  type FrameConnection,
  type FramePeerOptions,
  FrameType,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { encodeSimpleRequest, readResponse } from "../../testing/peers/interop-messages.ts";
import {
  LARGE_REPLY,
  LARGE_RESPONSE_BYTES,
  type LargeCall,
  startLargeUnaryPeer,
} from "../../testing/peers/large-unary.ts";
import { until } from "../../testing/until.ts";
import { Code } from "./status.ts";

const REQUEST = encodeSimpleRequest({ responseSize: LARGE_RESPONSE_BYTES, payload: 271_828 });

type TestChannel = ReturnType<typeof channelTo>;

function callLarge(channel: TestChannel) {
  return channel.unary("/grpc.testing.TestService/UnaryCall", REQUEST, { timeoutMs: 20_000 });
}

async function assertAnswered(calls: readonly ReturnType<typeof callLarge>[]): Promise<void> {
  for (const { code, fault, reply } of await Promise.all(calls)) {
    assert.deepEqual([code, fault, readResponse(reply)], [Code.OK, undefined, LARGE_RESPONSE_BYTES]);
  }
}

async function answer(call: LargeCall): Promise<void> {
  call.sendHeaders();
  await call.sendData(LARGE_REPLY);
  call.sendTrailers();
}

describe("negative HTTP/2", { timeout: 60_000 }, () => {
  it("goaway", async () => {
    const seen: [FrameConnection, number][] = [];
    const closed = Promise.withResolvers<void>();
    await using peer = await startLargeUnaryPeer((call) => {
      const { connection, stream, nth } = call;
      seen.push([connection, stream]);
      if (nth === 0) {
        connection.socket.on("close", () => closed.resolve());
        connection.send(FrameType.GOAWAY, 0, 0, Buffer.concat([encodeCode(stream), encodeCode(0)]));
      }
      return answer(call);
    });
    using channel = channelTo(peer.address);
    await assertAnswered([callLarge(channel)]);
    await assertAnswered([callLarge(channel)]);
    assert.equal(seen.length, 2);
    assert.notEqual(seen[0]?.[0], seen[1]?.[0]);
    // The first connection ends with its last call.
    await closed.promise;
  });

  const RESETS: Readonly<Record<string, (call: LargeCall) => unknown>> = {
    rst_after_header: (call) => call.sendHeaders(),
    rst_during_data(call) {
      call.sendHeaders();
      return call.sendData(LARGE_REPLY.subarray(0, LARGE_REPLY.length / 2));
    },
    rst_after_data(call) {
      call.sendHeaders();
      return call.sendData(LARGE_REPLY);
    },
  };
  for (const [name, say] of Object.entries(RESETS)) {
    it(name, async () => {
      await using peer = await startLargeUnaryPeer(async (call) => {
        if (call.nth > 0) return answer(call);
        await say(call);
        call.connection.send(FrameType.RST_STREAM, 0, call.stream, encodeCode(0));
      });
      using channel = channelTo(peer.address);
      const { code, fault } = await callLarge(channel);
      assert.deepEqual([code, fault], [Code.INTERNAL, { kind: "noStatus" }]);
      // It ended its own call, and no other.
      await assertAnswered([callLarge(channel)]);
      assert.equal(peer.connections(), 1);
    });
  }

  it("ping", async () => {
    const sent: string[] = [];
    const answered: string[] = [];
    const ping = ({ connection }: LargeCall): void => {
      const payload = Buffer.alloc(8, sent.length + 1);
      sent.push(payload.toString("hex"));
      connection.send(FrameType.PING, 0, 0, payload);
    };
    const onFrame = ({ type, flags, payload }: Frame): void => {
      if (type === FrameType.PING && (flags & ACK) !== 0) answered.push(payload.toString("hex"));
    };
    const half = LARGE_REPLY.length / 2;
    await using peer = await startLargeUnaryPeer(async (call) => {
      ping(call);
      call.sendHeaders();
      ping(call);
      await call.sendData(LARGE_REPLY.subarray(0, half));
      ping(call);
      await call.sendData(LARGE_REPLY.subarray(half));
      ping(call);
      call.sendTrailers();
      ping(call);
    }, onFrame);
    using channel = channelTo(peer.address);
    await assertAnswered([callLarge(channel)]);
    await until(() => answered.length === 5);
    assert.deepEqual(answered, sent);
  });

  /** A peer that counts the streams which are open at once on each connection. */
  async function startCounting(options: FramePeerOptions) {
    const open = new Map<FrameConnection, Set<number>>();
    let mostAtOnce = 0;
    let acks = 0;
    const onFrame = ({ type, flags, stream }: Frame, connection: FrameConnection): void => {
      const own = open.get(connection) ?? new Set();
      open.set(connection, own);
      if (type === FrameType.HEADERS) own.add(stream);
      if (type === FrameType.SETTINGS && (flags & ACK) !== 0) acks += 1;
      mostAtOnce = Math.max(mostAtOnce, own.size);
    };
    const onCall = async (call: LargeCall): Promise<void> => {
      await answer(call);
      open.get(call.connection)?.delete(call.stream);
    };
    const peer = await startLargeUnaryPeer(onCall, onFrame, options);
    return {
      peer,
      connections: () => [...open.keys()],
      takeMost(): number {
        const most = mostAtOnce;
        mostAtOnce = 0;
        return most;
      },
      /** SETTINGS that clients have taken notice of. */
      acks: () => acks,
    };
  }
  const MAX_CONCURRENT_STREAMS = 3;
  const callTen = (channel: TestChannel) => Array.from({ length: 10 }, () => callLarge(channel));

  it("max_streams", async () => {
    const counting = await startCounting({ settings: [[MAX_CONCURRENT_STREAMS, 1]] });
    await using peer = counting.peer;
    using channel = channelTo(peer.address);
    await assertAnswered([callLarge(channel)]);
    await assertAnswered(callTen(channel));
    assert.equal(counting.takeMost(), 1);
  });

  it("max_streams, changed while the connections are there", async () => {
    const counting = await startCounting({ settings: [] });
    await using peer = counting.peer;
    using channel = channelTo(peer.address);
    await assertAnswered(callTen(channel));
    assert.ok(counting.takeMost() > 1);
    const allow = (streams: number): void => {
      const payload = Buffer.concat([Buffer.from([0, MAX_CONCURRENT_STREAMS]), encodeCode(streams)]);
      for (const connection of counting.connections()) connection.send(FrameType.SETTINGS, 0, 0, payload);
    };
    allow(1);
    await until(() => counting.acks() === 2 * counting.connections().length);
    await assertAnswered(callTen(channel));
    assert.equal(counting.takeMost(), 1);
    // None at all: calls wait until there may be some again.
    allow(0);
    await until(() => counting.acks() === 3 * counting.connections().length);
    const waiting = callTen(channel);
    const probe = await channel.unary("/grpc.testing.TestService/UnaryCall", REQUEST, { timeoutMs: 20 });
    assert.deepEqual([probe.code, probe.fault?.kind, probe.sent], [Code.DEADLINE_EXCEEDED, "queued", false]);
    assert.equal(counting.takeMost(), 0);
    allow(2);
    await assertAnswered(waiting);
    assert.equal(counting.takeMost(), 2);
    assert.equal(peer.connections(), 2);
  });

  it("data_frame_padding", async () => {
    await using peer = await startLargeUnaryPeer(async (call) => {
      call.sendHeaders();
      await call.sendData(LARGE_REPLY, 5, 255);
      call.sendTrailers();
    });
    using channel = channelTo(peer.address);
    await assertAnswered([callLarge(channel)]);
  });
});
