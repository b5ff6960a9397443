// The rules of who is let in, each by itself; test/serve-security.test.ts holds a server against them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { TokenStore } from "../../ports/access.ts";
import { parseRange } from "../../workflow/policy/ip.ts";
import { createAuthentication } from "./authenticate.ts";
import { mayAct, ROLES } from "./caller.ts";
import { readSessionCookie, writeSessionCookie } from "./cookie.ts";
import { originOf, type ProxyRules } from "./forwarded.ts";
import { hostOf, isAllowedHost } from "./hosts.ts";
import { readPublicUrl, refuseUnsafe } from "./listen-rules.ts";
import { createLoginLimiter } from "./login-limiter.ts";
import { isFromHere, type Sent } from "./same-origin.ts";
import { createSessions } from "./sessions.ts";
import { createStanding } from "./standing.ts";

const reader =
  (headers: Readonly<Record<string, string>>) =>
  (name: string): string | undefined =>
    headers[name];

describe("a role", () => {
  it("may do all that those before it may, and nobody may nothing", () => {
    for (const [i, role] of ROLES.entries()) {
      for (const [j, needed] of ROLES.entries()) assert.equal(mayAct({ role }, needed), i >= j, `${role} ${needed}`);
    }
    for (const needed of ROLES) assert.equal(mayAct({ role: "nobody" }, needed), false);
  });
});

describe("the names of a server", () => {
  it("are those of loopback, at any port, and of its public URLs, exactly", () => {
    const hosts = ["https://busbar.example", "http://10.1.2.3:8080", "https://[fd00::1]:444"].map(hostOf);
    const allowed = [
      "localhost",
      "localhost:8080",
      "LOCALHOST:9",
      "127.0.0.1",
      "127.0.0.1:8080",
      "127.9.9.9:1",
      "[::1]:8080",
      "[::1]",
      "busbar.example",
      "Busbar.Example",
      "10.1.2.3:8080",
      "[fd00::1]:444",
    ];
    const refused = [
      undefined,
      "",
      "evil.example",
      "evil.example:8080",
      "localhost.evil.example",
      "localhost.",
      "127.0.0.1.evil.example",
      "127.0.0.1.nip.io:8080",
      "0.0.0.0:8080",
      "[::]:8080",
      "2130706433",
      "0x7f000001",
      "127.1",
      "busbar.example:8443",
      "www.busbar.example",
      "10.1.2.3",
      "localhost:8080@evil.example",
      "localhost, evil.example",
      "localhost/evil",
      "localhost:",
      "localhost:123456",
    ];
    for (const host of allowed) assert.equal(isAllowedHost(host, hosts), true, host);
    for (const host of refused) assert.equal(isAllowedHost(host, hosts), false, host);
  });
});

describe("where a request comes from", () => {
  const direct: ProxyRules = { behindProxy: false, trusted: [] };
  const proxied: ProxyRules = { behindProxy: true, trusted: [parseRange("10.0.0.0/8") ?? assert.fail()] };
  const headers = {
    host: "inner:1",
    "x-forwarded-for": "6.6.6.6, 203.0.113.9",
    "x-forwarded-host": "evil.example, busbar.example",
    "x-forwarded-proto": "http, https",
  };

  it("is the peer itself where no proxy is expected, and nobody who shows signs of one is local", () => {
    const local = { remoteAddress: "127.0.0.1" };
    assert.deepEqual(originOf(local, reader({ host: "a" }), direct), {
      address: "127.0.0.1",
      isLocal: true,
      host: "a",
      scheme: "http",
    });
    assert.equal(originOf({ remoteAddress: "::ffff:127.0.0.1" }, reader({}), direct).isLocal, true);
    assert.equal(originOf({ remoteAddress: "::1", encrypted: true }, reader({}), direct).scheme, "https");
    assert.equal(originOf({ remoteAddress: "10.0.0.1" }, reader({}), direct).isLocal, false);
    assert.equal(originOf({}, reader({}), direct).isLocal, false);
    for (const name of ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"]) {
      const { isLocal, address } = originOf(local, reader({ [name]: "1.2.3.4" }), direct);
      assert.deepEqual([isLocal, address], [false, "127.0.0.1"], name);
    }
    const { host, address, scheme } = originOf({ remoteAddress: "10.0.0.1" }, reader(headers), direct);
    assert.deepEqual([host, address, scheme], ["inner:1", "10.0.0.1", "http"]);
  });

  it("is what a trusted proxy says of its last hop, and never local", () => {
    for (const remoteAddress of ["127.0.0.1", "::1", "10.3.4.5", "::ffff:10.3.4.5"]) {
      assert.deepEqual(originOf({ remoteAddress }, reader(headers), proxied), {
        address: "203.0.113.9",
        isLocal: false,
        host: "busbar.example",
        scheme: "https",
      });
      assert.equal(originOf({ remoteAddress }, reader({ host: "a" }), proxied).isLocal, false);
    }
  });

  it("is the peer itself where others say something, or a proxy what is no address", () => {
    const { host, address, scheme, isLocal } = originOf({ remoteAddress: "11.0.0.1" }, reader(headers), proxied);
    assert.deepEqual([host, address, scheme, isLocal], ["inner:1", "11.0.0.1", "http", false]);
    const addressOf = (text: string) =>
      originOf({ remoteAddress: "10.0.0.1" }, reader({ "x-forwarded-for": text }), proxied).address;
    assert.equal(addressOf("1.2.3.4:5678"), "1.2.3.4");
    assert.equal(addressOf("9.9.9.9, [2001:db8::1]:5678"), "2001:db8::1");
    assert.equal(addressOf("2001:db8::1"), "2001:db8::1");
    for (const text of ["", "unknown", "1.2.3.4, _hidden", "1.2.3", ","]) assert.equal(addressOf(text), "10.0.0.1");
  });
});

describe("a request that changes something", () => {
  const own = "http://localhost:8080";
  const sent = (method: string, headers: Readonly<Record<string, string>>, hasOnlyToken = false): Sent => ({
    method,
    header: reader(headers),
    hasOnlyToken,
    ownOrigins: [own, "https://busbar.example"],
  });

  it("comes from one of our pages, or with a token that no browser has added", () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "WHATEVER"]) {
      assert.equal(isFromHere(sent(method, { "sec-fetch-site": "same-origin" })), true);
      assert.equal(isFromHere(sent(method, { origin: own, "sec-fetch-site": "same-origin" })), true);
      assert.equal(isFromHere(sent(method, { origin: own })), true);
      assert.equal(isFromHere(sent(method, { origin: "https://busbar.example" })), true);
      assert.equal(isFromHere(sent(method, { origin: "http://evil.example" }, true)), true);
      for (const headers of [
        {},
        { origin: "null" },
        { origin: "http://evil.example" },
        { origin: "http://localhost:9090" },
        { origin: "https://localhost:8080" },
        { origin: `${own}.evil.example` },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        { "sec-fetch-site": "none" },
        { "sec-fetch-site": "same-origin", origin: "null" },
        { "sec-fetch-site": "cross-site", "content-type": "application/json" },
      ] as Readonly<Record<string, string>>[]) {
        assert.equal(isFromHere(sent(method, headers)), false, `${method} ${JSON.stringify(headers)}`);
      }
    }
  });

  it("is held apart from one that only looks, which no foreign page may make inside of itself", () => {
    const looks = (headers: Readonly<Record<string, string>>) => isFromHere(sent("GET", headers));
    assert.equal(looks({}), true);
    assert.equal(looks({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }), true);
    assert.equal(looks({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }), true);
    assert.equal(looks({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }), true);
    assert.equal(looks({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }), false);
    assert.equal(looks({ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }), false);
    assert.equal(looks({ origin: "http://evil.example" }), false);
  });
});

describe("failed logins", () => {
  it("are slowed by address after ten, one more each 6 s", () => {
    const clock = createSteppingClock();
    const limiter = createLoginLimiter(clock);
    for (let n = 0; n < 10; n += 1) assert.equal(limiter.fail("1.2.3.4"), 0);
    assert.equal(limiter.fail("1.2.3.4"), 6);
    assert.equal(limiter.fail("1.2.3.5"), 0);
    clock.advance(4_500);
    assert.equal(limiter.fail("1.2.3.4"), 2);
    clock.advance(1_500);
    assert.equal(limiter.fail("1.2.3.4"), 0);
    assert.equal(limiter.fail("1.2.3.4"), 6);
  });

  it("are slowed overall, from however many addresses they come, and by the network of IPv6", () => {
    const clock = createSteppingClock();
    const limiter = createLoginLimiter(clock);
    for (let n = 0; n < 10; n += 1) assert.equal(limiter.fail(`2001:db8:0:1::${n}`), 0);
    assert.equal(limiter.fail("2001:db8:0:1:ffff::1"), 6);
    for (let n = 0; n < 90; n += 1) assert.equal(limiter.fail(`10.0.0.${n}`), 0);
    assert.equal(limiter.fail("10.0.1.1"), 1);
    clock.advance(500);
    assert.equal(limiter.fail("10.0.1.1"), 0);
    assert.equal(limiter.fail("10.0.1.1"), 1);
  });
});

describe("sessions", () => {
  it("are found by what the browser shows, until they are closed or idle for 12 h", () => {
    const clock = createSteppingClock();
    const sessions = createSessions(clock);
    const [a, b] = [sessions.open("t1"), sessions.open("t2")];
    assert.match(a, /^[\w-]{43}$/);
    assert.notEqual(a, b);
    assert.deepEqual([sessions.find(a), sessions.find(b), sessions.find("x")], ["t1", "t2", undefined]);
    sessions.close(a);
    assert.equal(sessions.find(a), undefined);
    clock.advance(11 * 3_600_000);
    assert.equal(sessions.find(b), "t2");
    clock.advance(12 * 3_600_000 - 1);
    assert.equal(sessions.find(b), "t2");
    clock.advance(12 * 3_600_000);
    assert.equal(sessions.find(b), undefined);
  });

  it("grow no younger by what looks after their streams", async () => {
    const clock = createSteppingClock();
    const sessions = createSessions(clock);
    const session = sessions.open("t1");
    const record = { id: "t1", role: "viewer", own: false, created_at: "2026-11-26T00:00:00.000Z" } as const;
    let looks: (() => Promise<boolean>) | undefined;
    const { identify } = createAuthentication({
      tokens: { findById: async () => record, noteUse: () => undefined } as unknown as TokenStore,
      sessions,
      limiter: createLoginLimiter(clock),
      standing: {
        follow(_id, isGood) {
          looks = isGood;
          return new AbortController().signal;
        },
        close: () => undefined,
      },
    });
    const caller = await identify({ authorization: undefined, session, address: "127.0.0.1", isLocal: true });
    assert.equal(caller.until?.aborted, false);
    clock.advance(11 * 3_600_000);
    assert.equal(await looks?.(), true);
    clock.advance(1 * 3_600_000);
    assert.equal(await looks?.(), false);
    assert.equal(sessions.find(session), undefined);
  });

  it("are bounded: the one that was idle longest goes first", () => {
    const sessions = createSessions(createSteppingClock());
    const [first, second] = [sessions.open("t"), sessions.open("t")];
    assert.equal(sessions.find(first), "t");
    for (let n = 0; n < 9_999; n += 1) sessions.open("t");
    assert.deepEqual([sessions.find(first), sessions.find(second)], ["t", undefined]);
  });

  it("travel in a cookie that pages cannot read and other pages do not send; over TLS no other host can set it", () => {
    assert.equal(writeSessionCookie("abc", false), "busbar-session=abc; Path=/; HttpOnly; SameSite=Strict");
    assert.equal(writeSessionCookie("abc", true), "__Host-busbar=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
    assert.equal(writeSessionCookie(undefined, false), "busbar-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    assert.equal(readSessionCookie("a=b; busbar-session=abc; c", false), "abc");
    assert.equal(readSessionCookie("a=b; busbar-session=abc", true), undefined);
    assert.equal(readSessionCookie("__Host-busbar=abc", true), "abc");
    for (const header of [undefined, "", "busbar-session", "busbar-session=", "xbusbar-session=abc"]) {
      assert.equal(readSessionCookie(header, false), undefined);
    }
  });
});

describe("what is open", () => {
  it("ends once it may not go on, for all who have shown the same, and for nobody else", async () => {
    const standing = createStanding(1);
    let isGood = true;
    const [a, again] = [1, 2].map(() => standing.follow("token:a", async () => isGood));
    const other = standing.follow("token:b", async () => true);
    const broken = standing.follow("token:c", () => Promise.reject(new Error("cannot say")));
    assert.equal(a, again);
    const ended = (signal: AbortSignal | undefined): Promise<void> =>
      new Promise((resolve) => {
        if (signal?.aborted) resolve();
        else signal?.addEventListener("abort", () => resolve());
      });
    await ended(broken);
    assert.equal(a?.aborted, false);
    isGood = false;
    await ended(a);
    assert.equal(other.aborted, false);
    assert.notEqual(
      standing.follow("token:a", async () => true),
      a,
    );
    standing.close();
  });

  it("goes on where one look cannot say, and the next one says yes", async () => {
    const standing = createStanding(1);
    const answers = [false, true, false, true, true, false, false];
    let looks = 0;
    const signal = standing.follow("token:a", async () => {
      looks += 1;
      if (answers[looks - 1] !== true) throw new BusbarError("JOURNAL_BUSY", "somebody writes");
      return true;
    });
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    assert.equal(looks, answers.length);
    standing.close();
  });
});

describe("beyond loopback", () => {
  const safe = { host: "0.0.0.0", hasTokens: true, publicUrls: ["https://b"], hasTls: true, behindProxy: false };

  it("a server listens only with a token, a public URL, and TLS or a proxy", () => {
    refuseUnsafe(safe);
    refuseUnsafe({ ...safe, hasTls: false, behindProxy: true });
    for (const host of ["127.0.0.1", "::1", "localhost", "127.0.0.5"]) {
      refuseUnsafe({ host, hasTokens: false, publicUrls: [], hasTls: false, behindProxy: false });
    }
    const says = (change: Partial<typeof safe>, message: RegExp) =>
      assert.throws(() => refuseUnsafe({ ...safe, ...change }), { code: "SERVE_UNSAFE", message });
    says({ hasTokens: false }, /it needs a token \(`busbar token create --role admin`\)$/);
    says({ publicUrls: [] }, /it needs --public-url URL/);
    says({ hasTls: false }, /it needs --tls-cert and --tls-key, or --behind-proxy/);
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "busbar.example", "fe80::1", ""]) {
      says({ host, hasTokens: false, publicUrls: [], hasTls: false }, /a token .*; --public-url .*; --tls-cert /);
    }
  });

  it("a public URL is an origin and no more", () => {
    assert.equal(readPublicUrl("https://Busbar.example"), "https://busbar.example");
    assert.equal(readPublicUrl("https://busbar.example:443/"), "https://busbar.example");
    assert.equal(readPublicUrl("http://10.0.0.1:8080"), "http://10.0.0.1:8080");
    for (const text of [
      "",
      "busbar.example",
      "ftp://b",
      "https://b/path",
      "https://b/?q",
      "https://u:p@b",
      "https://",
    ]) {
      assert.equal(readPublicUrl(text), undefined, text);
    }
  });
});
