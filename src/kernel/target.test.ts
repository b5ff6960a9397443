import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { authorityOf, formatEndpoint, hostOf, isLocal, parseTarget } from "./target.ts";

describe("targets", () => {
  const table: Record<string, object> = {
    "localhost:50051": { kind: "dns", host: "localhost", port: 50051 },
    "a_b.example.:1": { kind: "dns", host: "a_b.example.", port: 1 },
    "bücher.test:1": { kind: "dns", host: "xn--bcher-kva.test", port: 1 },
    "dns:///日本.test:1": { kind: "dns", host: "xn--wgv71a.test", port: 1 },
    "Ａ.test:1": { kind: "dns", host: "a.test", port: 1 },
    "dns:host:1": { kind: "dns", host: "host", port: 1 },
    "dns:///host:1": { kind: "dns", host: "host", port: 1 },
    "dns://8.8.8.8/host:1": { kind: "dns", host: "host", port: 1 },
    "dns:///[::1]:1": { kind: "ip", endpoints: [{ host: "::1", port: 1 }] },
    "127.0.0.1:80": { kind: "ip", endpoints: [{ host: "127.0.0.1", port: 80 }] },
    "[fe80::1%eth0]:80": { kind: "ip", endpoints: [{ host: "fe80::1%eth0", port: 80 }] },
    "ipv4:1.2.3.4:80,5.6.7.8:81": {
      kind: "ip",
      endpoints: [
        { host: "1.2.3.4", port: 80 },
        { host: "5.6.7.8", port: 81 },
      ],
    },
    "ipv6:[::1]:80,[::2]:443": {
      kind: "ip",
      endpoints: [
        { host: "::1", port: 80 },
        { host: "::2", port: 443 },
      ],
    },
    "ipv4:///1.2.3.4:80": { kind: "ip", endpoints: [{ host: "1.2.3.4", port: 80 }] },
    "ipv6:///[::1]:80": { kind: "ip", endpoints: [{ host: "::1", port: 80 }] },
    "unix:relative/path": { kind: "unix", path: "relative/path" },
    "unix:/abs": { kind: "unix", path: "/abs" },
    "unix:///abs": { kind: "unix", path: "/abs" },
    "unix-abstract:name": { kind: "unix", path: "\0name" },
  };
  for (const [text, target] of Object.entries(table)) {
    it(`reads ${text}`, () => assert.deepEqual(parseTarget(text), { ok: true, value: target }));
  }

  it("refuses what no transport could take", () => {
    const wrong = [
      "",
      ":1",
      "host",
      "::1",
      "::1:80",
      "[::1]",
      "ipv6:[::1]:80,[::2]",
      "host:",
      "host:0",
      "host:65536",
      "host:x",
      "host:1:2",
      "[host]:1",
      "[::1",
      "[::1]x:1",
      "http://host:1",
      "dns://host:1",
      "dns:",
      "ipv4:host:1",
      "ipv4:[::1]:1",
      "ipv6:1.2.3.4:1",
      "ipv4:",
      "unix:",
      "unix://",
      "unix://host/path",
      "unix:a\0b",
      "unix-abstract:",
      "300.1.1.1:1",
      "1.2.3:1",
      "a b:1",
      "-a:1",
      "[fe80::1%]:1",
      "[fe80::1%a/b]:1",
      "host/x:1",
      "us@er:1",
    ];
    for (const text of wrong) assert.equal(parseTarget(text).ok, false, text);
    fc.assert(fc.property(fc.string(), (text) => void parseTarget(text)));
  });

  it("reads back what it is as people read it, whatever host and port", () => {
    const label = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}[a-z0-9]$/);
    const zone = fc.constantFrom("", "%eth0", "%en.1", "%1");
    const v6 = fc.tuple(fc.ipV6(), zone).map(([host, on]) => (host.includes(".") ? host : host + on));
    const host = fc.oneof(
      label,
      fc.tuple(label, label).map((two) => two.join(".")),
      fc.ipV4(),
      v6,
    );
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        const target = parseTarget(formatEndpoint({ host: name, port }));
        assert.ok(target.ok, name);
        const { value } = target;
        const read = value.kind === "ip" ? value.endpoints[0] : value.kind === "dns" ? value : undefined;
        assert.deepEqual([read?.host, read?.port], [name, port]);
      }),
    );
  });

  it("takes what a socket can connect to, and nothing else: no address of it throws", async () => {
    const odd = fc.string({ unit: fc.constantFrom(..."[]:%.,/ab1fe0 -_@\0ü"), maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(odd, async (text) => {
        const target = parseTarget(text);
        if (!target.ok || target.value.kind !== "ip") return;
        for (const endpoint of target.value.endpoints) {
          const socket = connect(endpoint);
          socket.on("error", () => undefined);
          socket.destroy();
        }
      }),
    );
  });

  it("makes authorities without a zone, and hosts without a port", () => {
    const seen = ["host:1", "[fe80::1%eth0]:80", "1.2.3.4:5", "unix:/a", "ipv4:1.2.3.4:80,5.6.7.8:81"].map((text) => {
      const target = parseTarget(text);
      return target.ok ? [authorityOf(target.value), hostOf(target.value)] : [];
    });
    assert.deepEqual(seen, [
      ["host:1", "host"],
      ["[fe80::1]:80", "fe80::1"],
      ["1.2.3.4:5", "1.2.3.4"],
      ["localhost", "localhost"],
      ["1.2.3.4:80", "1.2.3.4"],
    ]);
  });

  it("knows what never leaves the machine", () => {
    const local = (text: string): boolean => {
      const target = parseTarget(text);
      return target.ok && isLocal(target.value);
    };
    for (const text of ["localhost:1", "LOCALHOST.:1", "127.9.9.9:1", "[::1]:1", "unix:/a"])
      assert.ok(local(text), text);
    for (const text of [
      "host:1",
      "128.0.0.1:1",
      "[::2]:1",
      "localhost.test:1",
      "a.localhost:1",
      "ipv4:127.0.0.1:1,1.1.1.1:1",
    ])
      assert.ok(!local(text), text);
  });
});
