import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { parseTarget, type Target } from "../../kernel/target.ts";
import { END_STREAM, FrameType, startFramePeer } from "../../testing/peers/frames.ts";
import { until } from "../../testing/until.ts";
import { createChannels, IDLE_MS, LOOK_MS } from "./channels.ts";
import { Code } from "./status.ts";
import type { TlsOptions } from "./trust.ts";

function target(text: string): Target {
  const parsed = parseTarget(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

describe("channels", () => {
  it("are shared only by equal target, trust, identity, name and proxy", () => {
    const channels = createChannels({ clock: createSteppingClock(), env: {} });
    const tls: TlsOptions = { caFile: "/ca", certFile: "/cert", keyFile: "/key", serverName: "name" };
    const ways = [
      { target: target("host:1") },
      { target: target("host:2") },
      { target: target("unix:/host") },
      { target: target("host:1"), proxy: "off" as const },
      { target: target("host:1"), tls: {} },
      { target: target("host:1"), tls },
      ...Object.keys(tls).map((key) => ({ target: target("host:1"), tls: { ...tls, [key]: "/other" } })),
    ];
    const first = ways.map((way) => channels.to(way));
    assert.equal(new Set(first).size, ways.length);
    assert.deepEqual(
      ways.map((way) => channels.to(structuredClone(way))),
      first,
    );
    assert.equal(channels.to({ target: target("dns:///host:1"), proxy: "auto" }), first[0]);
  });

  it("take no call once they are closed, new ones neither", async () => {
    const channels = createChannels({ clock: createSteppingClock(), env: {} });
    const before = channels.to({ target: target("host:1") });
    channels.close();
    for (const channel of [before, channels.to({ target: target("host:1") })]) {
      const { code, fault } = await channel.unary("/a/b", Buffer.alloc(0));
      assert.deepEqual([code, fault], [Code.UNAVAILABLE, { kind: "channelClosed" }]);
    }
  });

  it("are given back once no call has used them for half an hour, and made anew by the next", {
    timeout: 30_000,
  }, async (test) => {
    test.mock.timers.enable({ apis: ["setInterval"] });
    let nowMs = 0;
    // No timer of its own is due: the call that is long under way is not to be pinged.
    const clock = { ...createSteppingClock(), monotonic: () => nowMs };
    const pass = (ms: number): void => {
      nowMs += ms;
      test.mock.timers.tick(LOOK_MS);
    };
    const sockets: Socket[] = [];
    const held: (() => void)[] = [];
    await using peer = await startFramePeer(({ type, flags, stream }, connection) => {
      if (type !== FrameType.DATA || (flags & END_STREAM) === 0) return;
      if (!sockets.includes(connection.socket)) sockets.push(connection.socket);
      if (sockets.indexOf(connection.socket) === 1) held.push(() => connection.answer(stream, Buffer.alloc(0)));
      else connection.answer(stream, Buffer.alloc(0));
    });
    const channels = createChannels({ clock, env: {} });
    const quiet = { target: target(peer.address) };
    const busy = { target: target(peer.address), proxy: "off" as const };
    const [first, second] = [channels.to(quiet), channels.to(busy)];
    assert.equal((await first.unary("/a/b", Buffer.alloc(0))).code, Code.OK);
    const call = second.unary("/a/b", Buffer.alloc(0));
    await until(() => held.length === 1);

    pass(IDLE_MS - 1);
    assert.deepEqual([channels.to(quiet), channels.to(busy)], [first, second]);
    assert.ok(first.isReady);
    pass(1);
    await until(() => sockets[0]?.destroyed === true);
    assert.equal(first.isReady, false);
    assert.notEqual(channels.to(quiet), first);
    assert.equal(channels.to(busy), second);

    held[0]?.();
    assert.equal((await call).code, Code.OK);
    assert.equal((await first.unary("/a/b", Buffer.alloc(0))).code, Code.OK);
    assert.equal(peer.connections(), 3);
    pass(IDLE_MS);
    await until(() => sockets.length === 3 && sockets.every((socket) => socket.destroyed));
    assert.notEqual(channels.to(busy), second);
    channels.close();
    assert.equal((await first.unary("/a/b", Buffer.alloc(0))).fault?.kind, "channelClosed");
  });
});
