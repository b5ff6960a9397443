// Targets with several addresses, some of which are dead: which of them carries the calls.
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import { err, ok } from "../../kernel/result.ts";
import { END_STREAM, type Frame, FrameType, startFramePeer } from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { listenAsPeer, type PeerOptions } from "../../testing/peers/peer.ts";
import { until } from "../../testing/until.ts";
import { TRY_KNOWN_MS } from "./dispatcher.ts";
import type { Lookup } from "./resolve.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");

const isRequest = ({ type, flags }: Frame): boolean => type === FrameType.DATA && (flags & END_STREAM) !== 0;

/** Answers as soon as it has so many requests in hand at once. */
async function startGathering(options?: PeerOptions) {
  let atOnce = 1;
  let calls = 0;
  let held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const peer = await startFramePeer((frame, connection) => {
    if (!isRequest(frame)) return;
    calls += 1;
    sockets.add(connection.socket);
    held.push(() => connection.answer(frame.stream, HELLO));
    if (held.length < atOnce) return;
    for (const answer of held) answer();
    held = [];
  }, options);
  return {
    ...peer,
    calls: () => calls,
    hangUp: (): void => {
      for (const socket of sockets) socket.destroy();
    },
    gather: (count: number): void => {
      atOnce = count;
    },
  };
}

const hasIPv6 = await listenAsPeer(createServer(), { host: "::1" }).then(
  (peer) => peer.close().then(() => true),
  () => false,
);

describe("calls that overlap", { timeout: 60_000 }, () => {
  const CASES: readonly { readonly live: string; readonly addresses: readonly string[] }[] = [
    { live: "127.0.0.1", addresses: ["::1", "127.0.0.1"] },
    { live: "127.0.0.1", addresses: ["127.0.0.1", "::1"] },
    { live: "127.0.0.1", addresses: ["::1", "127.0.0.2", "127.0.0.3", "127.0.0.1"] },
    { live: "127.0.0.1", addresses: ["127.0.0.2", "127.0.0.1", "::1"] },
    { live: "::1", addresses: ["::1", "127.0.0.1"] },
    { live: "::1", addresses: ["127.0.0.1", "::1"] },
  ];
  for (const { live, addresses } of CASES) {
    for (const name of ["localhost", "several.test"]) {
      it(`go at once where of ${name} at ${addresses.join(", ")} only ${live} answers`, async (test) => {
        const started = live === "::1" && !hasIPv6 ? undefined : await startGathering({ host: live });
        if (started === undefined) return test.skip("this machine has no ::1");
        await using peer = started;
        using channel = channelTo(`${name}:${peer.port}`, { lookup: async () => ok(addresses) });
        const call = () => channel.unary(PATH, HELLO, { timeoutMs: 5000 });
        assert.equal((await call()).code, Code.OK);
        peer.gather(3);
        for (const { code, fault } of await Promise.all([call(), call(), call()])) {
          assert.equal(code, Code.OK, JSON.stringify(fault));
        }
      });
    }
  }

  it("go at once where of addresses that the target lists only one answers", async () => {
    await using peer = await startGathering();
    for (const hosts of ["127.0.0.2 127.0.0.1", "127.0.0.1 127.0.0.2", "127.0.0.2 127.0.0.3 127.0.0.1"]) {
      peer.gather(1);
      const list = hosts.split(" ").map((host) => `${host}:${peer.port}`);
      using channel = channelTo(`ipv4:${list.join(",")}`);
      const call = () => channel.unary(PATH, HELLO, { timeoutMs: 5000 });
      assert.equal((await call()).code, Code.OK);
      peer.gather(3);
      for (const { code, fault } of await Promise.all([call(), call(), call()])) {
        assert.equal(code, Code.OK, `${hosts}: ${JSON.stringify(fault)}`);
      }
    }
  });

  it("go beside a stream that is long open", async () => {
    await using peer = await startGathering();
    using channel = channelTo(`localhost:${peer.port}`, { lookup: async () => ok(["::1", "127.0.0.1"]) });
    const stream = channel.open(PATH);
    await until(() => channel.isReady);
    const { code, fault } = await channel.unary(PATH, HELLO, { timeoutMs: 5000 });
    assert.equal(code, Code.OK, JSON.stringify(fault));
    stream.cancel();
  });
});

describe("addresses that the target lists", { timeout: 60_000 }, () => {
  it("share the calls in turn, on this machine too", async () => {
    await using one = await startGathering();
    await using two = await startGathering();
    using channel = channelTo(`ipv4:${one.address},${two.address}`);
    for (let nth = 0; nth < 40; nth += 1) assert.equal((await channel.unary(PATH, HELLO)).code, Code.OK);
    assert.ok(Math.min(one.calls(), two.calls()) >= 15, `${one.calls()} and ${two.calls()}`);
  });

  it("are tried again by a later call, whatever they said to an earlier one", async () => {
    const second = await startGathering();
    using channel = channelTo(`ipv4:127.0.0.2:${second.port},127.0.0.1:${second.port}`);
    const call = () => channel.unary(PATH, HELLO, { timeoutMs: 5000 });
    // The first address is dead. Once it may be tried again, it is so beside the second call.
    for (const pauseMs of [400, 100]) {
      assert.equal((await call()).code, Code.OK);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await using first = await startGathering({ host: "127.0.0.2", port: second.port });
    second.hangUp();
    await second.close();
    await until(() => !channel.isReady);
    const { code, fault } = await call();
    assert.equal(code, Code.OK, JSON.stringify(fault));
    assert.equal(first.calls(), 1);
  });

  it("of the name localhost do not: the first that answers carries all", async () => {
    await using one = await startGathering();
    await using two = await startGathering({ host: "127.0.0.2", port: one.port });
    using channel = channelTo(`localhost:${one.port}`, { lookup: async () => ok(["127.0.0.1", "127.0.0.2"]) });
    for (let nth = 0; nth < 10; nth += 1) assert.equal((await channel.unary(PATH, HELLO)).code, Code.OK);
    assert.deepEqual([one.calls(), two.calls()], [10, 0]);
  });
});

describe("a name whose addresses are known", { timeout: 60_000 }, () => {
  /** A channel that has made a call; its connection is gone, the name in doubt and to be looked up once more. */
  async function startDoubting(again: Lookup) {
    const peer = await startGathering();
    const stepping = createSteppingClock();
    let waits = 0;
    const clock: SteppingClock = {
      ...stepping,
      after(ms, callback) {
        if (ms === TRY_KNOWN_MS) waits += 1;
        return stepping.after(ms, callback);
      },
    };
    let lookups = 0;
    const lookup: Lookup = (host) => {
      lookups += 1;
      return lookups === 1 ? Promise.resolve(ok(["127.0.0.1"])) : again(host);
    };
    const channel = channelTo(`known.test:${peer.port}`, { clock, lookup });
    const call = (timeoutMs?: number) => channel.unary(PATH, HELLO, timeoutMs === undefined ? {} : { timeoutMs });
    assert.equal((await call()).code, Code.OK);
    peer.hangUp();
    await until(() => !channel.isReady);
    clock.advance(1000);
    const refused = { kind: "refused", address: peer.address, code: "ECONNREFUSED" };
    return {
      peer,
      clock,
      call,
      refused,
      lookups: () => lookups,
      /** How often the address had failed while the name was looked up, and is to be tried again. */
      waits: () => waits,
      isReady: () => channel.isReady,
      async [Symbol.asyncDispose]() {
        channel.close();
        await peer.close();
      },
    };
  }
  const hang: Lookup = () => new Promise(() => undefined);

  it("is called there though it cannot be looked up any more", async () => {
    for (const again of [async () => err("EAI_AGAIN"), async () => err("ENOTFOUND"), hang]) {
      await using rig = await startDoubting(again);
      const { code, fault } = await rig.call();
      assert.equal(code, Code.OK, JSON.stringify(fault));
      assert.equal(rig.lookups(), 2);
    }
  });

  it("says what they said where they fail too", async () => {
    await using rig = await startDoubting(async () => err("EAI_AGAIN"));
    await rig.peer.close();
    for (let nth = 0; nth < 2; nth += 1) {
      const { code, fault } = await rig.call();
      assert.deepEqual([code, fault], [Code.UNAVAILABLE, rig.refused]);
    }
  });

  it("is called at its new address where the known one fails before the look-up has ended", async () => {
    const found = Promise.withResolvers<Awaited<ReturnType<Lookup>>>();
    await using rig = await startDoubting(() => found.promise);
    await rig.peer.close();
    await using moved = await startGathering({ host: "127.0.0.2", port: rig.peer.port });
    const call = rig.call();
    await until(() => rig.waits() === 1);
    found.resolve(ok(["127.0.0.2"]));
    assert.equal((await call).code, Code.OK);
    assert.equal(moved.calls(), 1);
    assert.equal(rig.clock.pending(), 0);
  });

  it("is in doubt again where the look-up gave the address that has failed meanwhile", async () => {
    let found = Promise.withResolvers<Awaited<ReturnType<Lookup>>>();
    await using rig = await startDoubting(() => found.promise);
    await rig.peer.close();
    for (let nth = 2; nth <= 4; nth += 1) {
      found = Promise.withResolvers();
      const call = rig.call();
      await until(() => rig.waits() === nth - 1);
      found.resolve(ok(["127.0.0.1"]));
      assert.deepEqual((await call).fault, rig.refused);
      assert.equal(rig.lookups(), nth);
      rig.clock.advance(1000);
    }
  });

  it("is tried there again and again while the look-up hangs, and by each call that comes", async () => {
    await using rig = await startDoubting(hang);
    await rig.peer.close();
    const late = rig.call(500);
    await until(() => rig.waits() === 1);
    rig.clock.advance(500);
    const { code, fault } = await late;
    assert.deepEqual([code, fault], [Code.DEADLINE_EXCEEDED, rig.refused]);
    assert.equal(rig.clock.pending(), 0);

    const patient = rig.call();
    await until(() => rig.waits() === 2);
    const back = await startGathering({ port: rig.peer.port });
    rig.clock.advance(TRY_KNOWN_MS);
    assert.equal((await patient).code, Code.OK);
    await back.close();
    await until(() => !rig.isReady());

    const first = rig.call();
    await until(() => rig.waits() === 3);
    await using _back = await startGathering({ port: rig.peer.port });
    const second = rig.call();
    for (const one of await Promise.all([first, second])) assert.equal(one.code, Code.OK);
    assert.equal(rig.lookups(), 2);
    assert.equal(rig.clock.pending(), 0);
  });
});
