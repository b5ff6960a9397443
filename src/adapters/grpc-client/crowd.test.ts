// Many calls at once, few streams, servers that come and go.

import assert from "node:assert/strict";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { Server } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createSteppingClock } from "../../kernel/clock.ts";
import { ok } from "../../kernel/result.ts";
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
  OK_TRAILERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { listenAsPeer } from "../../testing/peers/peer.ts";
import { until } from "../../testing/until.ts";
import { MAX_WAITING } from "./dispatcher.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";

interface Counting {
  readonly server: Http2Server;
  /** Requests by their text: how often each was seen. */
  readonly seen: Map<string, number>;
  mostAtOnce: number;
}

function createCounting(maxConcurrentStreams: number, answerMs = 1): Counting {
  const server = createServer({ settings: { maxConcurrentStreams } });
  const counting: Counting = { server, seen: new Map(), mostAtOnce: 0 };
  server.on("session", (session: ServerHttp2Session) => {
    let open = 0;
    session.on("error", () => undefined);
    session.on("stream", (stream) => {
      open += 1;
      counting.mostAtOnce = Math.max(counting.mostAtOnce, open);
      const chunks: Buffer[] = [];
      stream.on("error", () => undefined);
      stream.on("close", () => {
        open -= 1;
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const message = Buffer.concat(chunks).subarray(5);
        const text = message.toString();
        counting.seen.set(text, (counting.seen.get(text) ?? 0) + 1);
        setTimeout(() => {
          if (stream.destroyed) return;
          stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
          stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
          stream.end(encodeMessage(message));
        }, answerMs).unref();
      });
    });
  });
  return counting;
}

describe("a crowd of calls", () => {
  it("reads headers before the data that came with them, on the connection that calls share", async () => {
    const headers = encodeHeaders([
      [":status", "200"],
      ["content-type", "application/grpc"],
      ["grpc-encoding", "gzip"],
    ]);
    const packed = encodeMessage(gzipSync("hello"), 1);
    await using peer = await startFramePeer(({ type, flags, stream }, { socket }) => {
      if (type !== FrameType.DATA || (flags & END_STREAM) === 0) return;
      const answer = [
        encodeFrame(FrameType.HEADERS, END_HEADERS, stream, headers),
        encodeFrame(FrameType.DATA, 0, stream, packed),
        encodeFrame(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, OK_TRAILERS),
      ];
      socket.write(Buffer.concat(answer));
    });
    using channel = channelTo(peer.address);
    const calls = Array.from({ length: 20 }, () => channel.unary(PATH, Buffer.from("x"), { timeoutMs: 10_000 }));
    for (const { code, fault, reply } of await Promise.all(calls)) {
      assert.equal(code, Code.OK, JSON.stringify(fault));
      assert.equal(String(reply), "hello");
    }
  });

  for (const streams of [100, 1]) {
    it(`is answered whole, each call once, by a server that allows ${streams} streams at once`, async () => {
      const counting = createCounting(streams);
      await using peer = await listenAsPeer(counting.server as unknown as Server);
      using channel = channelTo(peer.address);
      const calls = Array.from({ length: 1000 }, async (_, nth) => {
        const { code, reply, fault } = await channel.unary(PATH, Buffer.from(`call ${nth}`), { timeoutMs: 20_000 });
        assert.equal(code, Code.OK, JSON.stringify(fault));
        assert.equal(Buffer.from(reply ?? "").toString(), `call ${nth}`);
      });
      await Promise.all(calls);
      assert.equal(counting.seen.size, 1000);
      assert.deepEqual([...new Set(counting.seen.values())], [1]);
      assert.equal(counting.mostAtOnce, streams);
      assert.ok(peer.connections() <= 2);
    });
  }

  it("waits up to a limit, beyond which calls fail at once", async () => {
    const counting = createCounting(1, 1_000_000);
    await using peer = await listenAsPeer(counting.server as unknown as Server);
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const more = 20;
    const calls = Array.from({ length: MAX_WAITING + more }, () =>
      channel.unary(PATH, Buffer.from("x"), { timeoutMs: 500 }),
    );
    await until(() => counting.seen.get("x") === 2);
    clock.advance(500);
    const faults = (await Promise.all(calls)).map(({ fault }) => fault?.kind);
    const count = (kind: string): number => faults.filter((one) => one === kind).length;
    assert.equal(count("crowded"), more);
    // One on each of the two connections, and whoever took their place in the last moment.
    assert.ok(count("late") >= 2);
    assert.equal(count("late") + count("queued"), MAX_WAITING);
    assert.ok(count("queued") > MAX_WAITING / 2);
  });

  it("waits behind calls that come back, which are not refused however many wait", async () => {
    const goaway = Buffer.concat([encodeCode(0), encodeCode(0)]);
    const requests: { readonly text: string; readonly connection: FrameConnection; answer(): void }[] = [];
    let isHolding = true;
    const maxConcurrentStreams: readonly (readonly [number, number])[] = [[3, 3]];
    await using peer = await startFramePeer(
      ({ type, flags, stream, payload }, connection) => {
        if (type !== FrameType.DATA || (flags & END_STREAM) === 0) return;
        const answer = (): void => connection.answer(stream, Buffer.from("hello"));
        requests.push({ text: String(payload.subarray(5)), connection, answer });
        if (!isHolding) answer();
      },
      { settings: maxConcurrentStreams },
    );
    using channel = channelTo(peer.address);
    const call = (text: string) => channel.unary(PATH, Buffer.from(text));
    // One on the connection for calls that go alone, three on the one that they share.
    const early = ["0", "1", "2", "3"].map(call);
    await until(() => requests.length === 4);
    const late = Array.from({ length: MAX_WAITING }, (_, nth) => call(`late ${nth}`));
    assert.equal((await call("too late")).fault?.kind, "crowded");
    const [alone, ...together] = requests.splice(0);
    isHolding = false;
    together[0]?.connection.send(FrameType.GOAWAY, 0, 0, goaway);
    for (const { code, fault } of await Promise.all([...early.slice(1), ...late])) {
      assert.equal(code, Code.OK, JSON.stringify(fault));
    }
    const texts = requests.map(({ text }) => text);
    assert.deepEqual(texts.slice(0, 3).sort(), together.map(({ text }) => text).sort());
    alone?.answer();
    assert.equal((await early[0])?.code, Code.OK);
  });

  it("does not wait on a connection that went in the breath in which it came", async () => {
    const goaway = Buffer.concat([encodeCode(0), encodeCode(0)]);
    const connections: FrameConnection[] = [];
    let asked: (() => void)[] = [];
    let atOnce = 1;
    await using peer = await startFramePeer(
      ({ type, flags, stream }, connection) => {
        if (type === FrameType.SETTINGS && (flags & ACK) === 0) {
          connections.push(connection);
          const hello = encodeFrame(FrameType.SETTINGS, 0, 0);
          // The first two, one of which was to be shared.
          const isBad = connections.length <= 2;
          connection.socket.write(isBad ? Buffer.concat([hello, encodeFrame(FrameType.GOAWAY, 0, 0, goaway)]) : hello);
        }
        if (type !== FrameType.DATA || (flags & END_STREAM) === 0 || connections.indexOf(connection) < 2) return;
        asked.push(() => connection.answer(stream, Buffer.from("hello")));
        if (asked.length < atOnce) return;
        for (const answer of asked) answer();
        asked = [];
      },
      { settings: undefined },
    );
    using channel = channelTo(peer.address);
    const three = () => Promise.all([1, 2, 3].map(() => channel.unary(PATH, Buffer.from("x"), { timeoutMs: 10_000 })));
    for (const { code } of await three()) assert.ok(code === Code.OK || code === Code.UNAVAILABLE);
    // Only a connection that is shared brings three at once.
    atOnce = 3;
    for (const { code, fault } of await three()) assert.equal(code, Code.OK, JSON.stringify(fault));
  });

  it("goes on over one connection where the server takes no second", async () => {
    const counting = createCounting(100, 20);
    let connections = 0;
    counting.server.on("connection", (socket) => {
      connections += 1;
      if (connections > 1) socket.destroy();
    });
    await using peer = await listenAsPeer(counting.server as unknown as Server);
    using channel = channelTo(peer.address);
    await channel.unary(PATH, Buffer.from("first"), { timeoutMs: 5000 });
    const calls = Array.from({ length: 50 }, (_, nth) =>
      channel.unary(PATH, Buffer.from(`${nth}`), { timeoutMs: 5000 }),
    );
    for (const { code, fault } of await Promise.all(calls)) assert.equal(code, Code.OK, JSON.stringify(fault));
  });

  it("is shared in turn by the addresses of a name", async () => {
    const countings = [createCounting(100), createCounting(100)];
    await using one = await listenAsPeer(countings[0]?.server as unknown as Server, { host: "127.0.0.1" });
    await using two = await listenAsPeer(countings[1]?.server as unknown as Server, {
      host: "127.0.0.2",
      port: one.port,
    });
    using channel = channelTo(`several.test:${one.port}`, { lookup: async () => ok(["127.0.0.1", "127.0.0.2"]) });
    for (let nth = 0; nth < 40; nth += 1) {
      const { code } = await channel.unary(PATH, Buffer.from(`call ${nth}`), { timeoutMs: 5000 });
      assert.equal(code, Code.OK);
    }
    const shares = countings.map(({ seen }) => seen.size);
    assert.ok(Math.min(...shares) >= 15, shares.join(" and "));
    assert.ok(two.connections() > 0);
  });

  it("has an outcome for every call, and none that was seen twice, while the server restarts again and again", async () => {
    const seen = new Map<string, number>();
    let port = 0;
    let restarts = 0;
    let stopped = false;
    const restarting = (async () => {
      for (; !stopped; restarts += 1) {
        const counting = createCounting(100);
        const peer = await listenAsPeer(counting.server as unknown as Server, { port });
        port = peer.port;
        await sleep(50);
        await peer.close();
        for (const [text, times] of counting.seen) seen.set(text, (seen.get(text) ?? 0) + times);
      }
    })();
    await until(() => port !== 0);
    using channel = channelTo(`127.0.0.1:${port}`);
    const codes = new Map<number, number>();
    const goesOn = (): boolean => restarts < 25 || (codes.get(Code.OK) ?? 0) <= 100;
    const last = performance.now() + 60_000;
    const lanes = Array.from({ length: 20 }, async (_, lane) => {
      for (let nth = 0; goesOn() && performance.now() < last; nth += 1) {
        const { code, fault } = await channel.unary(PATH, Buffer.from(`${lane}/${nth}`), { timeoutMs: 5000 });
        assert.ok(code === Code.OK || code === Code.UNAVAILABLE, JSON.stringify([code, fault]));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code !== Code.OK) await sleep(10);
      }
    });
    await Promise.all(lanes);
    stopped = true;
    await restarting;
    assert.ok((codes.get(Code.OK) ?? 0) > 100, JSON.stringify([...codes]));
    assert.deepEqual(
      [...seen].filter(([, times]) => times > 1),
      [],
    );
  });
});
