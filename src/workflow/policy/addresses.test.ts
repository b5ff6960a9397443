import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTarget, type Target } from "../../kernel/target.ts";
import { admitsIp, admitsUnix, judgeTarget, parseAddressEntry } from "./addresses.ts";

const rules = (...texts: string[]) =>
  texts.map((text) => {
    const entry = parseAddressEntry(text);
    assert.ok(entry !== undefined, text);
    return entry;
  });

const target = (text: string): Target => {
  const read = parseTarget(text);
  assert.ok(read.ok, text);
  return read.value;
};

/** Every way to write an address at which a machine is told secrets of its own, or that only it and its neighbours reach. */
const SPECIAL = [
  ...["169.254.169.254", "169.254.0.1", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["fe80::1", "FE80:0:0:0:0:0:0:1", "fe80::1%eth0", "febf::1", "fd00:ec2::254", "fd20:ce::254"],
  ...["::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:169.254.169.254", "::169.254.169.254"],
  ...["64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"],
];
const ORDINARY = [
  "127.0.0.1",
  "10.1.2.3",
  "192.168.0.1",
  "8.8.8.8",
  "::1",
  "fd00::1",
  "2001:db8::1",
  "::ffff:10.0.0.1",
];

describe("addresses of a policy", () => {
  it("are all of a network but special ones where nothing is said", () => {
    for (const ip of SPECIAL) assert.equal(admitsIp(undefined, "any.example", ip, 1), false, ip);
    for (const ip of ORDINARY) assert.equal(admitsIp(undefined, undefined, ip, 1), true, ip);
    assert.equal(admitsUnix(undefined, "/run/x.sock"), false);
    assert.equal(judgeTarget(undefined, target("any.example:1")), "may");
    assert.equal(judgeTarget(undefined, target("ipv4:10.0.0.1:1,169.254.169.254:1")), "no");
  });

  it("include special ones only where an entry lies among them", () => {
    for (const ip of SPECIAL) {
      assert.equal(admitsIp(rules("0.0.0.0/0", "::/0", "*"), "any.example", ip, 1), false, ip);
    }
    assert.equal(admitsIp(rules("169.254.169.254"), undefined, "169.254.169.254", 1), true);
    assert.equal(admitsIp(rules("169.254.0.0/16"), undefined, "::ffff:169.254.1.1", 1), true);
    assert.equal(admitsIp(rules("169.0.0.0/8"), undefined, "169.254.1.1", 1), false);
    assert.equal(admitsIp(rules("fe80::/10"), undefined, "fe80::1%eth0", 1), true);
  });

  it("are ranges, whatever form an address has", () => {
    const listed = rules("10.0.0.0/8", "fd00::/8", "192.168.1.1:50051", "[2001:db8::1]:443", "::ffff:172.16.0.0/108");
    const [yes, no] = [
      ["10.255.0.1", "::ffff:10.0.0.1", "fd12::1", "FD12:0::1%lo", "172.16.9.9"],
      ["11.0.0.1", "fc00::1", "::ffff:11.0.0.1", "172.32.0.1", "0.0.0.0", "::"],
    ];
    for (const ip of yes) assert.equal(admitsIp(listed, undefined, ip, 7), true, ip);
    for (const ip of no) assert.equal(admitsIp(listed, "name.example", ip, 7), false, ip);
    assert.equal(admitsIp(listed, undefined, "192.168.1.1", 50051), true);
    assert.equal(admitsIp(listed, undefined, "192.168.1.1", 50052), false);
    assert.equal(admitsIp(listed, undefined, "2001:db8:0::0:1", 443), true);
    assert.equal(admitsIp(listed, undefined, "no.address", 443), false);
  });

  it("are names, which lead where the name leads", () => {
    const listed = rules("db.example", "*.internal.example:50051");
    for (const address of ["db.example:9", "DB.Example.:9", "a.internal.example:50051", "a.b.internal.example:50051"]) {
      assert.equal(judgeTarget(listed, target(address)), "may", address);
    }
    for (const address of [
      ...["internal.example:50051", "xinternal.example:50051", "a.internal.example:1", "db.example.evil.org:9"],
      ...["evil.org:9", "dns:///evil.org:9", "127.0.0.1:9", "[::1]:9", "unix:/run/x.sock"],
    ]) {
      assert.equal(judgeTarget(listed, target(address)), "no", address);
    }
    assert.equal(admitsIp(listed, "db.example", "10.0.0.1", 9), true);
    assert.equal(admitsIp(listed, "evil.org", "10.0.0.1", 9), false);
    assert.equal(admitsIp(listed, undefined, "10.0.0.1", 9), false);
    assert.equal(judgeTarget([...listed, ...rules("10.0.0.0/8")], target("evil.org:9")), "may");
  });

  it("are sockets, exactly as they are written", () => {
    const listed = rules("unix:/run/app.sock", "unix-abstract:app");
    for (const address of ["unix:/run/app.sock", "unix:///run/app.sock", "unix-abstract:app"]) {
      assert.equal(judgeTarget(listed, target(address)), "yes", address);
    }
    for (const address of [
      "unix:/run/../run/app.sock",
      "unix:run/app.sock",
      "unix:/run/docker.sock",
      "unix:/run/app.sock/",
    ]) {
      assert.equal(judgeTarget(listed, target(address)), "no", address);
    }
  });

  it("are nothing else", () => {
    for (const text of [
      "",
      "a b",
      "http://a",
      "a/b",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "*.",
      "a:0",
      "a:65536",
      "*a",
      "unix:rel",
      "1.2.3",
      "fe80::1%eth0",
      "*.*",
    ]) {
      assert.equal(parseAddressEntry(text), undefined, text);
    }
  });
});
