// Targets with several addresses, some of which are dead: which of them carries the calls.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ok } from "../../kernel/result.ts";
import { END_STREAM, type Frame, FrameType, startFramePeer } from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import type { PeerOptions } from "../../testing/peers/peer.ts";
import { until } from "../../testing/until.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");

const isRequest = ({ type, flags }: Frame): boolean => type === FrameType.DATA && (flags & END_STREAM) !== 0;

/** Answers as soon as it has so many requests in hand at once. */
async function startGathering(options?: PeerOptions) {
  let atOnce = 1;
  let calls = 0;
  let held: (() => void)[] = [];
  const peer = await startFramePeer((frame, connection) => {
    if (!isRequest(frame)) return;
    calls += 1;
    held.push(() => connection.answer(frame.stream, HELLO));
    if (held.length < atOnce) return;
    for (const answer of held) answer();
    held = [];
  }, options);
  return {
    ...peer,
    calls: () => calls,
    gather: (count: number): void => {
      atOnce = count;
    },
  };
}

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
      it(`go at once where of ${name} at ${addresses.join(", ")} only ${live} answers`, async () => {
        await using peer = await startGathering({ host: live });
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

  it("of the name localhost do not: the first that answers carries all", async () => {
    await using one = await startGathering();
    await using two = await startGathering({ host: "127.0.0.2", port: one.port });
    using channel = channelTo(`localhost:${one.port}`, { lookup: async () => ok(["127.0.0.1", "127.0.0.2"]) });
    for (let nth = 0; nth < 10; nth += 1) assert.equal((await channel.unary(PATH, HELLO)).code, Code.OK);
    assert.deepEqual([one.calls(), two.calls()], [10, 0]);
  });
});
