import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { parseTarget, type Target } from "../../kernel/target.ts";
import { createChannels } from "./channels.ts";
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
});
