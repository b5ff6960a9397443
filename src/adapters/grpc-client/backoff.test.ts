// When an address is tried again: gRPC's test connection_backoff (doc/connection-backoff-interop-test-description.md),
// for a client that promises something else (docs/adr/20261126-own-grpc-client.md): no backoff, but where another
// address answers. Time stands still but where a test moves it.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { ok } from "../../kernel/result.ts";
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
import { findRefusedAddress, listenAsPeer, type PeerOptions } from "../../testing/peers/peer.ts";
import { startHangUpPeer, startSilentPeer } from "../../testing/peers/tcp.ts";
import { until } from "../../testing/until.ts";
import { CONNECT_MS } from "./attempt.ts";
import type { ChannelOptions } from "./channel.ts";
import type { Fault } from "./fault.ts";
import { createPool } from "./pool.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");
const TLS = { caFile: CERT_FILES.ca };

const isRequest = ({ type, flags }: Frame): boolean => type === FrameType.DATA && (flags & END_STREAM) !== 0;

/** SETTINGS that allow no call. */
const NO_STREAMS: readonly (readonly [number, number])[] = [[3, 0]];

/** A good server that counts the calls which it answered. */
async function startAnswering(options?: PeerOptions) {
  let calls = 0;
  const peer = await startFramePeer((frame, connection) => {
    if (!isRequest(frame)) return;
    calls += 1;
    connection.answer(frame.stream, HELLO);
  }, options);
  return { ...peer, calls: () => calls };
}

/** A channel to a name that has these addresses, all on one port. */
function channelToSeveral(port: number, addresses: readonly string[], options: Partial<ChannelOptions> = {}) {
  const clock = createSteppingClock();
  const channel = channelTo(`several.test:${port}`, { clock, lookup: async () => ok(addresses), ...options });
  /** Calls one by one, a second between them, until it is so; some may meet a connection that has just been lost. */
  const callUntil = async (test: TestContext, isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      test.signal.throwIfAborted();
      const { code, fault } = await channel.unary(PATH, HELLO);
      assert.ok(code === Code.OK || fault?.kind === "lost", JSON.stringify(fault));
      clock.advance(1000);
    }
  };
  return { callUntil, [Symbol.dispose]: channel.close };
}

/** The connections to one address alone. */
function poolTo(port: number, clock = createSteppingClock()) {
  const failures: Fault[] = [];
  const pool = createPool(
    { endpoint: { host: "127.0.0.1", port }, host: "127.0.0.1", env: {} },
    {
      clock,
      keepaliveMs: () => 1_000_000_000,
      onTooManyPings: () => undefined,
      onChange: () => undefined,
      onDoubt: () => undefined,
      onFailed: (fault) => failures.push(fault),
    },
  );
  return { pool, clock, failures, [Symbol.dispose]: () => pool.destroy() };
}

describe("connection_backoff", { timeout: 60_000 }, () => {
  it("is none for the only address: each call connects at once, however many have failed before", async () => {
    await using peer = await startHangUpPeer();
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock, tls: TLS });
    for (let nth = 1; nth <= 13; nth += 1) {
      const { code, fault } = await channel.unary(PATH, HELLO);
      assert.deepEqual([code, fault], [Code.UNAVAILABLE, { kind: "hungUp", address: peer.address, phase: "tls" }]);
      assert.equal(peer.connections(), nth);
    }
    assert.equal(clock.pending(), 0);
  });

  it("is none for an address that refused and is there now", async () => {
    const address = await findRefusedAddress();
    using channel = channelTo(address, { clock: createSteppingClock() });
    for (let nth = 0; nth < 13; nth += 1) assert.equal((await channel.unary(PATH, HELLO)).fault?.kind, "refused");
    await using _peer = await startAnswering({ port: Number(address.split(":")[1]) });
    assert.equal((await channel.unary(PATH, HELLO)).code, Code.OK);
  });

  it("is none where all addresses of a name have failed", async () => {
    await using one = await startHangUpPeer();
    await using two = await startHangUpPeer({ host: "127.0.0.2", port: one.port });
    const clock = createSteppingClock();
    const lookup = async () => ok(["127.0.0.1", "127.0.0.2"]);
    using channel = channelTo(`several.test:${one.port}`, { clock, lookup, tls: TLS });
    for (let nth = 1; nth <= 5; nth += 1) {
      assert.equal((await channel.unary(PATH, HELLO)).fault?.kind, "hungUp");
      assert.deepEqual([one.connections(), two.connections()], [nth, nth]);
    }
  });

  it("leaves an address alone while others serve: 250 ms, then 1.6 times as long each time, up to 5 s", async () => {
    await using peer = await startHangUpPeer();
    using rig = poolTo(peer.port);
    const { pool, clock, failures } = rig;
    let expected = 250;
    for (let nth = 1; nth <= 12; nth += 1) {
      pool.renew();
      await until(() => failures.length === nth);
      clock.advance(expected - 1);
      pool.renew();
      pool.grow(1, false);
      assert.equal(pool.isConnecting, false, `after ${nth} failures`);
      clock.advance(1.001);
      expected = Math.min(5000, expected * 1.6);
    }
    // Where it is needed it is tried all the same.
    pool.renew();
    await until(() => failures.length === 13);
    pool.grow(1, true);
    await until(() => failures.length === 14);
  });

  it("begins anew with 250 ms after a connection came about that lasted", async () => {
    const bad = await startHangUpPeer();
    const { port } = bad;
    using rig = poolTo(port);
    const { pool, clock, failures } = rig;
    for (let nth = 1; nth <= 3; nth += 1) {
      pool.renew();
      await until(() => failures.length === nth);
      clock.advance(5000);
    }
    await bad.close();
    const good = await startAnswering({ port });
    pool.renew();
    await until(() => pool.isReady);
    clock.advance(1000);
    await good.close();
    await until(() => !pool.isReady);
    await using _badAgain = await startHangUpPeer({ port });
    pool.renew();
    await until(() => failures.length === 4);
    clock.advance(250);
    pool.renew();
    assert.equal(pool.isConnecting, true);
    await until(() => failures.length === 5);
  });

  it("counts a connection that ended at once, with no call on it, and tells how it ended", async () => {
    let ending: "goaway" | "end" = "goaway";
    const goaway = Buffer.concat([encodeCode(0), encodeCode(0), Buffer.from("full")]);
    await using peer = await startFramePeer(
      (frame, { socket, send }) => {
        // It has understood our preface.
        if (frame.type !== FrameType.SETTINGS || (frame.flags & ACK) === 0) return;
        if (ending === "goaway") send(FrameType.GOAWAY, 0, 0, goaway);
        else socket.end();
      },
      { settings: NO_STREAMS },
    );
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    for (const [nth, fault] of [
      { kind: "goaway", httpCode: 0, debug: "full" } as const,
      { kind: "lost" } as const,
    ].entries()) {
      ending = nth === 0 ? "goaway" : "end";
      assert.deepEqual((await channel.unary(PATH, HELLO)).fault, fault);
      // The call that none of them takes asks for the second as well.
      assert.ok(peer.connections() <= 2 * (nth + 1), `${peer.connections()} connections`);
    }
    using rig = poolTo(peer.port);
    let expected = 250;
    for (let nth = 1; nth <= 3; nth += 1) {
      rig.pool.renew();
      await until(() => rig.failures.length === nth);
      rig.clock.advance(expected - 1);
      rig.pool.renew();
      assert.equal(rig.pool.isConnecting, false, `after ${nth} failures`);
      rig.clock.advance(1.001);
      expected *= 1.6;
    }
  });

  it("counts silence as a failure after 20 s, also of an attempt that nobody waits for", async () => {
    await using peer = await startSilentPeer();
    using rig = poolTo(peer.port);
    const { pool, clock, failures } = rig;
    pool.renew();
    await until(() => peer.connections() === 1);
    clock.advance(CONNECT_MS - 1);
    pool.renew();
    assert.deepEqual([failures, pool.isConnecting], [[], true]);
    clock.advance(1);
    pool.renew();
    assert.deepEqual(failures, [{ kind: "silent", address: peer.address, phase: "preface" }]);
    pool.renew();
    assert.equal(pool.isConnecting, false);
    clock.advance(250);
    pool.renew();
    assert.equal(pool.isConnecting, true);
    await until(() => peer.connections() === 2);
  });
});

describe("an address whose turn it is", { timeout: 60_000 }, () => {
  it("is called again when it has come back, after it refused", async (test) => {
    await using one = await startAnswering();
    using several = channelToSeveral(one.port, ["127.0.0.1", "127.0.0.2"]);
    await several.callUntil(test, () => one.calls() === 5);
    await using two = await startAnswering({ host: "127.0.0.2", port: one.port });
    await several.callUntil(test, () => two.calls() === 2);
  });

  it("is called again when it has come back, after its connection was lost", async (test) => {
    await using one = await startAnswering();
    const before = await startAnswering({ host: "127.0.0.2", port: one.port });
    using several = channelToSeveral(one.port, ["127.0.0.1", "127.0.0.2"]);
    await several.callUntil(test, () => before.calls() === 2);
    await before.close();
    await using after = await startAnswering({ host: "127.0.0.2", port: one.port });
    await several.callUntil(test, () => after.calls() === 2);
    assert.equal(after.connections(), 1);
  });

  it("is looked up again when its connection was lost, though others serve", async (test) => {
    await using one = await startAnswering();
    const two = await startAnswering({ host: "127.0.0.2", port: one.port });
    await using three = await startAnswering({ host: "127.0.0.3", port: one.port });
    let asked = 0;
    const lookup = async () => {
      asked += 1;
      return ok(["127.0.0.1", asked === 1 ? "127.0.0.2" : "127.0.0.3"]);
    };
    using several = channelToSeveral(one.port, [], { lookup });
    await several.callUntil(test, () => two.calls() === 2);
    await two.close();
    await several.callUntil(test, () => three.calls() === 2);
    assert.equal(asked, 2);
  });
});

describe("a second connection", { timeout: 60_000 }, () => {
  it("that stays silent is given up after 20 s, also where no call waited so long: the first carries all then", async () => {
    const requests: [FrameConnection, number][] = [];
    let connections = 0;
    const first = await startFramePeer((frame, connection) => {
      if (isRequest(frame)) requests.push([connection, frame.stream]);
    });
    await using _first = first;
    // Hands the first connection on and keeps the others waiting.
    const relay = createServer((socket) => {
      connections += 1;
      if (connections > 1) socket.resume();
      else socket.pipe(connect(first.port, "127.0.0.1")).pipe(socket);
    });
    await using peer = await listenAsPeer(relay);
    const clock = createSteppingClock();
    using channel = channelTo(peer.address, { clock });
    const answerAll = (): void => {
      for (const [connection, stream] of requests.splice(0)) connection.answer(stream, HELLO);
    };
    const burst = () => [channel.unary(PATH, HELLO), channel.unary(PATH, HELLO)];
    const calls = burst();
    for (let nth = 0; nth < 2; nth += 1) {
      await until(() => requests.length === 1);
      answerAll();
    }
    for (const { code } of await Promise.all(calls)) assert.equal(code, Code.OK);
    assert.equal(connections, 2);
    clock.advance(CONNECT_MS);
    const more = burst();
    await until(() => requests.length === 2);
    answerAll();
    for (const { code } of await Promise.all(more)) assert.equal(code, Code.OK);
  });
});
