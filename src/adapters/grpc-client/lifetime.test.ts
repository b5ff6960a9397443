// Time: keepalive, processes that are stopped, and processes that should be able to end.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSteppingClock } from "../../kernel/clock.ts";
import { CERT_FILES } from "../../testing/peers/certs.ts";
import {
  ACK,
  END_STREAM,
  encodeCode,
  type Frame,
  type FrameConnection,
  FrameType,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { startStoppablePeer } from "../../testing/peers/half-open.ts";
import { startSilentPeer } from "../../testing/peers/tcp.ts";
import { until } from "../../testing/until.ts";
import { createSystemClock } from "../system/clock.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");
const isRequest = (frame: Frame): boolean => frame.type === FrameType.DATA && (frame.flags & END_STREAM) !== 0;
const isPing = (frame: Frame): boolean => frame.type === FrameType.PING && (frame.flags & ACK) === 0;

describe("keepalive", () => {
  const KEEPALIVE_MS = 330_000;

  it("pings during calls only, and gives up a connection that does not answer", async () => {
    let pings = 0;
    let answers = true;
    const requests: [FrameConnection, number][] = [];
    await using peer = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) requests.push([connection, frame.stream]);
      if (!isPing(frame)) return;
      pings += 1;
      if (answers) connection.send(FrameType.PING, ACK, 0, frame.payload);
    });
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const first = channel.unary(PATH, HELLO);
    await until(() => requests.length === 1);
    for (let nth = 1; nth <= 2; nth += 1) {
      clock.advance(KEEPALIVE_MS - 1);
      clock.advance(1);
      await until(() => pings === nth);
      // The answer to it arms the next.
      await until(() => clock.pending() === 1);
      await sleep(20);
    }
    const [connection, stream] = requests[0] ?? [];
    connection?.answer(stream ?? 0, HELLO);
    assert.equal((await first).code, Code.OK);
    clock.advance(10 * KEEPALIVE_MS);
    await sleep(20);
    assert.equal(pings, 2);

    answers = false;
    const second = channel.unary(PATH, HELLO);
    await until(() => requests.length === 2);
    clock.advance(KEEPALIVE_MS);
    await until(() => pings === 3);
    clock.advance(20_000);
    const { code, fault } = await second;
    assert.equal(code, Code.UNAVAILABLE);
    assert.deepEqual(fault, { kind: "unanswered" });
  });

  it("waits for no ping where each call ends by its deadline before it, and does once one does not", async () => {
    const requests: [FrameConnection, number][] = [];
    let pings = 0;
    await using peer = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) requests.push([connection, frame.stream]);
      if (!isPing(frame)) return;
      pings += 1;
      connection.send(FrameType.PING, ACK, 0, frame.payload);
    });
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const answerNext = async (timeoutMs: number, timers: number): Promise<void> => {
      const before = requests.length;
      const call = channel.unary(PATH, HELLO, { timeoutMs });
      await until(() => requests.length > before);
      assert.equal(clock.pending(), timers);
      if (timers > 1) {
        clock.advance(KEEPALIVE_MS);
        await until(() => pings === 1);
      }
      const [connection, stream] = requests[before] ?? [];
      connection?.answer(stream ?? 0, HELLO);
      assert.equal((await call).code, Code.OK);
    };
    await answerNext(KEEPALIVE_MS, 1);
    await answerNext(KEEPALIVE_MS + 10_000, 2);
    await answerNext(1000, 1);
    assert.equal(pings, 1);
    assert.equal(clock.pending(), 0);
  });

  it("waits twice as long after a server has said too_many_pings", async () => {
    let pings = 0;
    const requests: [FrameConnection, number][] = [];
    await using peer = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) requests.push([connection, frame.stream]);
      if (isPing(frame)) pings += 1;
    });
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const first = channel.unary(PATH, HELLO);
    await until(() => requests.length === 1);
    const [connection, stream] = requests[0] ?? [];
    const goaway = Buffer.concat([encodeCode(stream ?? 0), encodeCode(11), Buffer.from("too_many_pings")]);
    connection?.send(FrameType.GOAWAY, 0, 0, goaway);
    assert.deepEqual((await first).fault, { kind: "goaway", httpCode: 11, debug: "too_many_pings" });
    const second = channel.unary(PATH, HELLO);
    await until(() => requests.length === 2);
    clock.advance(2 * KEEPALIVE_MS - 1);
    await sleep(20);
    assert.equal(pings, 0);
    clock.advance(1);
    await until(() => pings === 1);
    channel.close();
    requests[1]?.[0].socket.destroy();
    await second;
  });
});

describe("a peer that has gone without a word", () => {
  it("is left by new calls once it was silent for a while under calls that ran out of time", async () => {
    const clock = createSteppingClock();
    let requests = 0;
    await using peer = await startFramePeer((frame) => {
      if (isRequest(frame)) requests += 1;
    });
    using channel = channelTo(peer.address, { clock });
    // During the first call it may still answer our SETTINGS.
    for (const [nth, connections] of [[1], [1], [1], [1, 2], [2]].entries()) {
      const call = channel.unary(PATH, HELLO, { timeoutMs: 400 });
      await until(() => requests === nth + 1);
      // What it says to its opening has to be here: the SETTINGS are acknowledged.
      await sleep(30);
      clock.advance(400);
      const { code, fault } = await call;
      assert.equal(code, Code.DEADLINE_EXCEEDED);
      assert.equal(fault?.kind, "late");
      assert.ok(connections.includes(peer.connections()), `call ${nth + 1}: ${peer.connections()}`);
      await sleep(30);
    }
  });
});

/** Sockets that were made while `work` went on. */
async function socketsOf(work: () => Promise<void>): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  const note = (made: unknown): void => void sockets.push((made as { readonly socket: Socket }).socket);
  diagnostics.subscribe("net.client.socket", note);
  await work();
  diagnostics.unsubscribe("net.client.socket", note);
  return sockets;
}

describe("a connection that is let go", () => {
  it("ends on this side, though the peer stands still and never hangs up", {
    skip: process.platform === "win32" ? "Windows has no SIGSTOP" : false,
    timeout: 30_000,
  }, async () => {
    await using peer = await startStoppablePeer();
    const say = "/ContainerExecutor/Execute";
    const closed = await socketsOf(async () => {
      using channel = channelTo(peer.address);
      // Two, so that the connection that calls share is there too.
      await Promise.all([channel.unary(say, HELLO), channel.unary(say, HELLO)]);
      peer.stop();
    });
    assert.equal(closed.length, 2);
    await until(() => closed.every((socket) => socket.destroyed));

    peer.goOn();
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const left = await socketsOf(async () => {
      await channel.unary(say, HELLO);
    });
    peer.stop();
    for (let nth = 0; nth < 4; nth += 1) {
      const call = channel.unary(say, HELLO, { timeoutMs: 400 });
      await sleep(20);
      clock.advance(400);
      assert.equal((await call).code, Code.DEADLINE_EXCEEDED);
    }
    await until(() => left.every((socket) => socket.destroyed));
  });

  it("makes room for another after a flood, the one for calls that go alone and the one that they share", async () => {
    let isBad = true;
    /** In portions that HTTP/2 itself lets pass. */
    const pour = (connection: FrameConnection): void => {
      connection.socket.cork();
      for (let nth = 0; nth < 100; nth += 1) connection.send(FrameType.PING, 0, 0, Buffer.alloc(8));
      connection.socket.uncork();
      if (!connection.socket.destroyed) setImmediate(pour, connection);
    };
    const requests: [FrameConnection, number][] = [];
    await using peer = await startFramePeer((frame, connection) => {
      if (!isRequest(frame)) return;
      if (!isBad) return connection.answer(frame.stream, HELLO);
      requests.push([connection, frame.stream]);
      if (requests.length < 2) return;
      isBad = false;
      for (const [one] of requests) pour(one);
    });
    using channel = channelTo(peer.address);
    for (const { fault } of await Promise.all([1, 2].map(() => channel.unary(PATH, HELLO)))) {
      assert.deepEqual(fault, { kind: "broken", what: "flood" });
    }
    const { code, fault } = await channel.unary(PATH, HELLO, { timeoutMs: 20_000 });
    assert.equal(code, Code.OK, JSON.stringify(fault));
  });

  it("ends on this side with all that the peer does not read", { timeout: 30_000 }, async () => {
    const initialWindow: readonly (readonly [number, number])[] = [[4, 0x7fff_ffff]];
    await using peer = await startFramePeer(
      ({ type, flags }, connection) => {
        if (type === FrameType.SETTINGS && (flags & ACK) === 0) {
          connection.send(FrameType.WINDOW_UPDATE, 0, 0, encodeCode(0x7fff_0000));
        }
        if (type === FrameType.HEADERS) connection.socket.pause();
      },
      { settings: initialWindow },
    );
    const sockets = await socketsOf(async () => {
      using channel = channelTo(peer.address);
      // More than the buffers of both sides hold.
      const calls = [1, 2].map(() => channel.unary(PATH, Buffer.alloc(32 << 20), { timeoutMs: 300 }));
      for (const { code } of await Promise.all(calls)) assert.equal(code, Code.DEADLINE_EXCEEDED);
    });
    assert.equal(sockets.length, 2);
    await until(() => sockets.every((socket) => socket.destroyed));
  });
});

describe("a connection that ended while this process stood still", () => {
  const goaway = Buffer.concat([encodeCode(1), encodeCode(0)]);
  for (const calls of [1, 2]) {
    for (const says of ["nothing", "GOAWAY"]) {
      const which = calls === 1 ? "the one for calls that go alone" : "the one that calls share";
      it(`takes no call any more, though it was not read yet: ${which}, the peer said ${says}`, async () => {
        const requests: [FrameConnection, number][] = [];
        let isHolding = calls > 1;
        await using peer = await startFramePeer((frame, connection) => {
          if (!isRequest(frame)) return;
          requests.push([connection, frame.stream]);
          if (!isHolding) connection.answer(frame.stream, HELLO);
        });
        using channel = channelTo(peer.address);
        const call = () => channel.unary(PATH, HELLO);
        const before = Array.from({ length: calls }, call);
        await until(() => requests.length === calls);
        isHolding = false;
        if (calls > 1) for (const [connection, stream] of requests) connection.answer(stream, HELLO);
        for (const { code } of await Promise.all(before)) assert.equal(code, Code.OK);
        // What both say to each other's opening.
        await sleep(50);
        for (const [connection] of requests) {
          if (says === "GOAWAY") connection.send(FrameType.GOAWAY, 0, 0, goaway);
          connection.socket.destroy();
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        const after = await Promise.all(Array.from({ length: calls }, call));
        for (const { code, fault } of after) assert.equal(code, Code.OK, JSON.stringify(fault));
        assert.equal(requests.length, 2 * calls);
      });
    }
  }

  it("is all the same the one that goes on, where it has not ended", async () => {
    await using peer = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) connection.answer(frame.stream, HELLO);
    });
    using channel = channelTo(peer.address);
    for (let nth = 0; nth < 3; nth += 1) {
      assert.equal((await channel.unary(PATH, HELLO)).code, Code.OK);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    }
    assert.equal(peer.connections(), 1);
  });
});

describe("a second look at a peer that hung up", () => {
  /** Hangs up on the first word of its first client, and is silent to those after it. */
  const startHangingUpOnce = () => {
    let isFirst = true;
    return startFramePeer(
      (_frame, { socket }) => {
        if (isFirst) socket.end();
        isFirst = false;
      },
      { settings: undefined },
    );
  };

  for (const ended of ["the last call that waits", "the channel"]) {
    it(`ends with ${ended}, and leaves neither socket nor timer`, { timeout: 60_000 }, async () => {
      await using peer = await startHangingUpOnce();
      const clock = createSteppingClock();
      const sockets = await socketsOf(async () => {
        const channel = channelTo(peer.address, { clock });
        const caller = new AbortController();
        const call = channel.unary(PATH, HELLO, { signal: caller.signal });
        await until(() => peer.connections() === 2);
        if (ended === "the channel") channel.close();
        else caller.abort();
        assert.equal((await call).fault?.kind, ended === "the channel" ? "channelClosed" : "cancelled");
      });
      assert.equal(sockets.length, 2);
      await until(() => sockets.every((socket) => socket.destroyed));
      assert.equal(clock.pending(), 0);
    });
  }
});

/** A process that makes calls as `body` says, with `call(target, options, timeoutMs)`, and prints what came of them. */
function startCaller(body: string) {
  const rig = fileURLToPath(new URL("../../testing/peers/grpc-client.ts", import.meta.url));
  const script = `
    import { channelTo } from ${JSON.stringify(rig)};
    const call = (target, options, timeoutMs) =>
      channelTo(target, options).unary(${JSON.stringify(PATH)}, Buffer.from("hello"), { timeoutMs });
    const results = await (${body})(call);
    console.log(JSON.stringify(results.map(({ code, fault }) => [code, fault?.kind])));
  `;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number, said: JSON.parse(text || "null") }));
  return { child, ended };
}

describe("a process", () => {
  it("can end as soon as its calls have, whatever its connections wait for", async () => {
    await using silent = await startSilentPeer();
    await using good = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) connection.answer(frame.stream, HELLO);
    });
    const tls = { caFile: CERT_FILES.ca };
    const proxied = { env: { http_proxy: silent.address } };
    const { ended } = startCaller(`async (call) => [
      await call(${JSON.stringify(silent.address)}, {}, 100),
      await call(${JSON.stringify(silent.address)}, { tls: ${JSON.stringify(tls)} }, 100),
      await call("192.0.2.1:50051", ${JSON.stringify(proxied)}, 100),
      await call(${JSON.stringify(good.address)}, {}, 10000),
    ]`);
    assert.deepEqual(await ended, {
      code: 0,
      said: [
        [Code.DEADLINE_EXCEEDED, "silent"],
        [Code.DEADLINE_EXCEEDED, "silent"],
        [Code.DEADLINE_EXCEEDED, "proxy"],
        [Code.OK, null],
      ],
    });
  });

  it("can end though a connection is being made that no call waits for any more", { timeout: 30_000 }, async (test) => {
    await using good = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) connection.answer(frame.stream, HELLO);
    });
    await using _silent = await startSilentPeer({ host: "127.0.0.2", port: good.port });
    // A clock so slow that what it is to end would never end.
    const { child, ended } = startCaller(`async (call) => {
      const after = (ms, callback) => {
        const timer = setTimeout(callback, ms * 1000);
        return () => clearTimeout(timer);
      };
      const clock = { now: Date.now, monotonic: () => performance.now(), after };
      const lookup = async () => ({ ok: true, value: ["127.0.0.2", "127.0.0.1"] });
      return [await call("several.test:${good.port}", { clock, lookup }, 10000)];
    }`);
    test.signal.addEventListener("abort", () => child.kill());
    assert.deepEqual(await ended, { code: 0, said: [[Code.OK, null]] });
  });

  /** The machine's, twenty times as fast: what waits for 20 s gives up after one. */
  const clock = createSystemClock();
  const fast = { ...clock, after: (ms: number, callback: () => void) => clock.after(ms / 20, callback) };
  const standStill = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);

  it("that stood still while it connected hears what its peer has to say before it gives up", async () => {
    await using peer = await startFramePeer(
      ({ type, flags, stream }, connection) => {
        if (type === FrameType.DATA && (flags & END_STREAM) !== 0) connection.answer(stream, HELLO);
        if (type !== FrameType.SETTINGS || (flags & ACK) !== 0) return;
        standStill();
        // Some moments later.
        setTimeout(() => connection.send(FrameType.SETTINGS, 0, 0), 20);
      },
      { settings: undefined },
    );
    using channel = channelTo(peer.address, { clock: fast });
    const { code, fault } = await channel.unary(PATH, HELLO);
    assert.equal(code, Code.OK, JSON.stringify(fault));
  });

  it("that stood still while it looked at a peer again hears what that says", async () => {
    await using peer = await startFramePeer(
      (_frame, { socket }) => {
        if (peer.connections() > 1) standStill();
        socket.end("220 mail.example");
      },
      { settings: undefined },
    );
    using channel = channelTo(peer.address, { clock: fast });
    const { fault } = await channel.unary(PATH, HELLO);
    const saw = { sort: "bytes", bytes: Buffer.from("220 mail.example") } as const;
    assert.deepEqual(fault, { kind: "notHttp2", address: peer.address, saw });
  });

  const canStop = process.platform === "win32" ? "Windows has no SIGSTOP" : false;
  it("that stood still past a deadline sends no call that nobody waits for any more", async () => {
    const seen: number[] = [];
    await using peer = await startFramePeer(
      ({ type, flags }, connection) => {
        seen.push(type);
        if (type !== FrameType.SETTINGS || (flags & ACK) !== 0) return;
        connection.send(FrameType.SETTINGS, 0, 0);
        connection.send(FrameType.SETTINGS, ACK, 0);
        // The SETTINGS lie in the socket when the deadline has come and this process goes on.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      },
      { settings: undefined },
    );
    using channel = channelTo(peer.address);
    const { code, sent } = await channel.unary(PATH, HELLO, { timeoutMs: 150 });
    assert.deepEqual([code, sent], [Code.DEADLINE_EXCEEDED, false]);
    await until(() => channel.isReady);
    assert.equal(seen.includes(FrameType.HEADERS), false);
  });

  it("that was stopped past its deadline reads what came in time before it gives a call up", {
    skip: canStop,
  }, async () => {
    const requests: [FrameConnection, number][] = [];
    await using peer = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) requests.push([connection, frame.stream]);
    });
    // The second goes over the connection that calls share.
    const { child, ended } = startCaller(`async (call) => {
      const channel = channelTo(${JSON.stringify(peer.address)});
      const one = () => channel.unary(${JSON.stringify(PATH)}, Buffer.from("hello"), { timeoutMs: 3000 });
      return Promise.all([one(), one()]);
    }`);
    await until(() => requests.length === 2);
    const wentOut = performance.now();
    child.kill("SIGSTOP");
    for (const [connection, stream] of requests) connection.answer(stream, HELLO);
    await until(() => performance.now() - wentOut > 3500);
    child.kill("SIGCONT");
    assert.deepEqual(await ended, {
      code: 0,
      said: [
        [Code.OK, null],
        [Code.OK, null],
      ],
    });
  });
});
