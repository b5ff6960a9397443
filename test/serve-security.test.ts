// Who a real server lets in, to what, and what it tells of that.
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { PAGES } from "../src/api/routes/dashboard.ts";
import { keepOwnToken, readOwnToken } from "../src/app/server/own-token.ts";
import { createShared } from "../src/app/shared.ts";
import { revokeToken } from "../src/app/tokens.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import { ROLES, type Role } from "../src/ports/access.ts";
import { parseRange } from "../src/workflow/policy/ip.ts";
import { type Answer, type Guarded, type SendOptions, startGuarded } from "./serve/guarded.ts";
import { readStream } from "./serve/serving.ts";

const WORKFLOW = JSON.stringify({
  workflow_name: "one",
  start_node: "a",
  service_registry: { a: "127.0.0.1:1" },
  containers: { a: { input_file: "x", output_file: "y" } },
});
const definition = { format: "json", text: WORKFLOW };

let server: Guarded;
const codeOf = ({ status, body }: Answer): readonly [number, string | undefined] => [status, body?.code];
const runs = (options?: SendOptions): Promise<Answer> => server.send("GET", "/api/v1/runs", options);
const start = (options: SendOptions): Promise<Answer> =>
  server.send("POST", "/api/v1/runs", { body: { definition, preflight: false }, ...options });

describe("a server on loopback", () => {
  beforeEach(async () => {
    server = await startGuarded();
  });
  afterEach(() => server.close());

  it("takes whoever is on its machine for operator until somebody has made a token, and then for nobody", async () => {
    assert.deepEqual((await server.send("GET", "/api/v1/session")).body, {
      role: "operator",
      name: "loopback",
      id: "loopback",
    });
    assert.deepEqual(codeOf(await server.send("GET", "/api/v1/tokens")), [403, "FORBIDDEN"]);
    const { record } = await server.host.tokens.create({ role: "viewer" });
    assert.deepEqual(codeOf(await runs()), [401, "TOKEN_REQUIRED"]);
    // One that is gone leaves no door open.
    await server.host.tokens.revoke(record.id);
    assert.deepEqual(codeOf(await runs()), [401, "TOKEN_REQUIRED"]);
  });

  it("gives its own machine a token for admin, for its user alone, which counts as nobody's", async (t) => {
    const token = readOwnToken(server.stateDir) ?? assert.fail();
    assert.match(token, /^bbt_/);
    assert.equal((await server.send("GET", "/api/v1/tokens", { token })).status, 200);
    assert.equal((await runs()).status, 200, "loopback is open still");
    const [own] = await server.host.tokens.list();
    assert.deepEqual([own?.own, own?.role], [true, "admin"]);
    if (process.platform === "win32") return t.skip("Windows has no such rights");
    assert.equal(statSync(server.stateDir).mode & 0o777, 0o700);
    assert.equal(statSync(join(server.stateDir, "server-token")).mode & 0o777, 0o600);
  });

  it("keeps that token at the next start, and replaces it where others could have read it or it is gone", async (t) => {
    const path = join(server.stateDir, "server-token");
    const reopen = async (): Promise<string> => {
      await keepOwnToken(server.stateDir, server.host.tokens);
      return readFileSync(path, "utf8").trim();
    };
    const first = readOwnToken(server.stateDir) ?? assert.fail();
    assert.equal(await reopen(), first);
    rmSync(path);
    const second = await reopen();
    assert.notEqual(second, first);
    assert.deepEqual(codeOf(await runs({ token: first })), [401, "TOKEN_INVALID"]);
    writeFileSync(path, "bbt_made_up\n", { mode: 0o600 });
    const third = await reopen();
    assert.equal((await runs({ token: third })).status, 200);
    assert.equal((await server.host.tokens.list()).length, 1);
    if (process.platform === "win32") return t.skip("Windows has no such rights");
    chmodSync(path, 0o644);
    assert.notEqual(await reopen(), third);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("answers to its own names only, before anything else: a foreign one may lead here by DNS (rebinding)", async () => {
    const token = readOwnToken(server.stateDir) ?? assert.fail();
    for (const host of ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.", "0.0.0.0"]) {
      for (const path of ["/healthz", "/", "/api/v1/runs", "/api/openapi.json", "/api/v1/session", "/nothing"]) {
        for (const headers of [{ host }, { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }]) {
          assert.deepEqual(codeOf(await server.send("GET", path, { headers, token })), [421, "HOST_UNKNOWN"]);
        }
      }
      const headers = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
      assert.deepEqual(codeOf(await start({ headers })), [421, "HOST_UNKNOWN"]);
    }
    for (const host of ["localhost:1", "[::1]:8080", "127.0.0.1"]) {
      assert.equal((await runs({ headers: { host } })).status, 200, host);
    }
    // Of what proxies say nothing is believed where none is expected.
    const headers = { host: "evil.example", "x-forwarded-host": "localhost" };
    assert.deepEqual(codeOf(await runs({ headers })), [421, "HOST_UNKNOWN"]);
    assert.deepEqual((await server.host.runs.list()).runs, []);
  });

  it("changes nothing for pages of others, whatever they send and however", async () => {
    const host = new URL(server.url).host;
    const foreign: readonly Readonly<Record<string, string>>[] = [
      {},
      { origin: "http://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:9" },
      { origin: `https://${host}` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
    ];
    const types = [
      "application/json",
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ];
    for (const headers of foreign) {
      for (const type of types) {
        const answer = await start({ headers: { ...headers, "content-type": type } });
        assert.deepEqual(codeOf(answer), [403, "ORIGIN_FOREIGN"], JSON.stringify({ headers, type }));
        assert.equal(answer.headers["access-control-allow-origin"], undefined);
      }
      for (const [method, path] of [
        ["DELETE", "/api/v1/runs/r1"],
        ["POST", "/api/v1/session"],
        ["DELETE", "/api/v1/session"],
        ["POST", "/api/v1/runs/r1/cancel"],
      ] as const) {
        assert.deepEqual(codeOf(await server.send(method, path, { headers })), [403, "ORIGIN_FOREIGN"]);
      }
    }
    assert.deepEqual((await server.host.runs.list()).runs, []);
    assert.deepEqual((await server.host.audit.read()).entries, []);
    // Nor do they get leave to ask: no answer to their browser's question allows anything.
    const asked = await server.send("OPTIONS", "/api/v1/runs", {
      headers: { origin: "http://evil.example", "access-control-request-method": "POST" },
    });
    const named = Object.keys(asked.headers).filter((name) => name.startsWith("access-control-"));
    assert.deepEqual(named, []);
  });

  it("is not looked at from inside of foreign pages, which could measure what they cannot read", async () => {
    const inside = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    assert.deepEqual(codeOf(await runs({ headers: inside })), [403, "ORIGIN_FOREIGN"]);
    const answer = await runs();
    assert.equal(answer.headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.match(String(answer.headers["content-security-policy"]), /frame-ancestors 'none'/);
  });

  it("takes nobody for somebody on this machine who shows signs of a proxy", async () => {
    for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"]) {
      assert.deepEqual(codeOf(await runs({ headers: { [name]: "127.0.0.1" } })), [401, "TOKEN_REQUIRED"], name);
    }
  });
});

describe("tokens", () => {
  beforeEach(async () => {
    server = await startGuarded();
  });
  afterEach(() => server.close());

  it("are made, listed and revoked by admins, and each is shown once", async () => {
    const token = readOwnToken(server.stateDir) ?? assert.fail();
    const made = await server.send("POST", "/api/v1/tokens", {
      token,
      body: { role: "operator", name: "ci", expires_in_s: 3600 },
    });
    assert.equal(made.status, 201);
    assert.match(made.body.token, /^bbt_/);
    assert.equal(made.headers["cache-control"], "no-store");
    // The clock may have gone on between the two.
    const span = Date.parse(made.body.expires_at) - Date.parse(made.body.created_at);
    assert.ok(span <= 3_600_000 && span > 3_500_000);
    assert.equal((await runs({ token: made.body.token })).status, 200);
    const listed = await server.send("GET", "/api/v1/tokens", { token });
    const record = listed.body.tokens.find(({ id }: { id: string }) => id === made.body.id);
    assert.deepEqual([record.role, record.name, record.token], ["operator", "ci", undefined]);
    assert.ok(!JSON.stringify(listed.body).includes(made.body.token));
    assert.equal((await server.send("DELETE", `/api/v1/tokens/${made.body.id}`, { token })).status, 204);
    assert.deepEqual(codeOf(await runs({ token: made.body.token })), [401, "TOKEN_INVALID"]);
    const again = await server.send("DELETE", `/api/v1/tokens/${made.body.id}`, { token });
    assert.deepEqual(codeOf(again), [404, "TOKEN_NOT_FOUND"]);
    const { body } = await server.send("GET", "/api/v1/audit", { token });
    assert.ok(!JSON.stringify(body).includes(made.body.token));
  });

  it("that are wrong are told so, with what is expected, and do not count as the machine", async () => {
    for (const authorization of ["Bearer x", "Bearer", "Basic YWRtaW46YWRtaW4=", "bbt_x", "", "Bearer a b"]) {
      const answer = await runs({ headers: { authorization } });
      assert.deepEqual(codeOf(answer), [401, "TOKEN_INVALID"], authorization);
      assert.equal(answer.headers["www-authenticate"], "Bearer");
    }
  });

  it("that are guessed are slowed, while a valid one is never", async () => {
    const token = await server.tokenOf("viewer");
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const answer = await runs({ token: `bbt_guess_${n}` });
      statuses.push(answer.status);
      if (answer.status === 429) {
        assert.equal(answer.body.code, "TOO_MANY_LOGINS");
        assert.match(answer.headers["retry-after"] ?? "", /^[1-6]$/);
      }
      assert.equal((await runs({ token })).status, 200);
    }
    assert.deepEqual(statuses.slice(0, 10), Array(10).fill(401));
    assert.ok(statuses.slice(10).filter((status) => status === 429).length >= 9, String(statuses));
    // By a page that signs in, too.
    const headers = { origin: server.url };
    const signIn = (guess: string) => server.send("POST", "/api/v1/session", { headers, body: { token: guess } });
    assert.deepEqual(codeOf(await signIn("bbt_guess")), [429, "TOO_MANY_LOGINS"]);
    assert.equal((await signIn(token)).status, 200);
    const actions = (await server.host.audit.read()).entries.map(({ action, outcome }) => `${action} ${outcome}`);
    assert.deepEqual(actions, ["session.open done"], "guesses do not fill the disk");
  });

  it("are not looked for in the query, and are in nothing that is told", async () => {
    const token = await server.tokenOf("admin");
    assert.deepEqual(codeOf(await server.send("GET", `/api/v1/runs?token=${token}&access_token=${token}`)), [
      401,
      "TOKEN_REQUIRED",
    ]);
    const wrong = await runs({ token: `${token}x` });
    assert.ok(!JSON.stringify(wrong).includes(token));
  });
});

describe("a browser", () => {
  beforeEach(async () => {
    server = await startGuarded();
  });
  afterEach(() => server.close());

  const ownPage = () => ({ origin: server.url, "sec-fetch-site": "same-origin" });
  const signIn = async (role: Role): Promise<string> => {
    const token = await server.tokenOf(role);
    const { status, headers, body } = await server.send("POST", "/api/v1/session", {
      headers: ownPage(),
      body: { token },
    });
    assert.deepEqual([status, body.role], [200, role]);
    const [set = ""] = headers["set-cookie"] ?? [];
    assert.match(set, /^busbar-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.ok(!set.includes(token));
    return set.split(";")[0] ?? "";
  };

  it("signs in with a token, goes on with a cookie, and signs out", async () => {
    const cookie = await signIn("operator");
    const me = await server.send("GET", "/api/v1/session", { headers: { cookie } });
    assert.deepEqual([me.status, me.body.role], [200, "operator"]);
    assert.equal((await start({ headers: { cookie, ...ownPage() }, body: {} })).body.code, "USAGE");
    assert.deepEqual(codeOf(await start({ headers: { cookie, ...ownPage() } })), [403, "FORBIDDEN"]);
    const out = await server.send("DELETE", "/api/v1/session", { headers: { cookie, ...ownPage() } });
    assert.equal(out.status, 204);
    assert.match(String(out.headers["set-cookie"]), /Max-Age=0/);
    assert.deepEqual(codeOf(await runs({ headers: { cookie } })), [401, "TOKEN_REQUIRED"]);
  });

  it("changes nothing by its cookie alone, nor by a token beside it, from a page of another", async () => {
    const cookie = await signIn("admin");
    const token = await server.tokenOf("admin");
    for (const headers of [
      {},
      { origin: "http://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "same-site" },
    ]) {
      assert.deepEqual(codeOf(await start({ headers: { cookie, ...headers } })), [403, "ORIGIN_FOREIGN"]);
      assert.deepEqual(codeOf(await start({ token, headers: { cookie, ...headers } })), [403, "ORIGIN_FOREIGN"]);
    }
    assert.equal((await start({ headers: { cookie, ...ownPage() } })).status, 201);
  });

  it("is signed out with the token that it signed in with, and its session dies with another sign-in", async () => {
    const cookie = await signIn("viewer");
    const replaced = await server.send("POST", "/api/v1/session", {
      headers: { cookie, ...ownPage() },
      body: { token: await server.tokenOf("viewer") },
    });
    assert.equal(replaced.status, 200);
    assert.deepEqual(codeOf(await runs({ headers: { cookie } })), [401, "TOKEN_REQUIRED"]);
    const [other = ""] = (replaced.headers["set-cookie"] ?? [])[0]?.split(";") ?? [];
    assert.equal((await runs({ headers: { cookie: other } })).status, 200);
    for (const { id } of await server.host.tokens.list()) await server.host.tokens.revoke(id);
    assert.deepEqual(codeOf(await runs({ headers: { cookie: other } })), [401, "TOKEN_REQUIRED"]);
  });

  it("gets no session for a cookie that it made up", async () => {
    await server.tokenOf("viewer");
    for (const value of ["x", "a".repeat(43), "__proto__"]) {
      assert.deepEqual(codeOf(await runs({ headers: { cookie: `busbar-session=${value}` } })), [401, "TOKEN_REQUIRED"]);
    }
  });
});

describe("a stream that is open", () => {
  beforeEach(async () => {
    server = await startGuarded();
  });
  afterEach(() => server.close());

  /** Resolves when the server has ended it. */
  const follow = (
    headers: Record<string, string>,
  ): { readonly opened: Promise<void>; readonly ended: Promise<void> } => {
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    const ended = (async () => {
      const response = await fetch(`${server.url}/api/v1/feed?after=now`, {
        headers: { accept: "text/event-stream", ...headers },
      });
      assert.equal(response.status, 200);
      resolve();
      for await (const _ of response.body ?? []);
    })();
    return { opened, ended };
  };

  it("ends when its token is revoked, by another process too; others go on", async () => {
    const { token, record } = await server.host.tokens.create({ role: "viewer" });
    const [mine, other] = [
      follow({ authorization: `Bearer ${token}` }),
      follow({ authorization: `Bearer ${await server.tokenOf("admin")}` }),
    ];
    await Promise.all([mine.opened, other.opened]);
    let otherEnded = false;
    void other.ended.then(() => {
      otherEnded = true;
    });
    // As `busbar token revoke` does it, on a connection of its own.
    const shared = createShared(createSecrets(() => undefined));
    assert.ok(await revokeToken({ stateDir: server.stateDir, allowRemoteState: false, shared }, record.id));
    await mine.ended;
    assert.equal(otherEnded, false);
  });

  it("has companions that wait for the end of a run: they are let go of, too", async () => {
    const { token, record } = await server.host.tokens.create({ role: "viewer" });
    const own = readOwnToken(server.stateDir) ?? assert.fail();
    const held = createServer();
    held.listen(0, "127.0.0.1");
    await once(held, "listening");
    const text = WORKFLOW.replace("127.0.0.1:1", `127.0.0.1:${(held.address() as AddressInfo).port}`);
    const body = { definition: { format: "json", text }, preflight: false, run_id: "r1" };
    assert.equal((await start({ token: own, body })).status, 201);
    const waiting = server.send("GET", "/api/v1/runs/r1/wait", { token });
    assert.equal((await runs({ token })).status, 200);
    await server.host.tokens.revoke(record.id);
    assert.deepEqual(codeOf(await waiting), [401, "TOKEN_INVALID"]);
    await server.send("POST", "/api/v1/runs/r1/cancel", { token: own, body: {} });
    held.close();
  });

  it("ends when its token expires", async () => {
    // On a busy machine a token may be over before its stream is open.
    for (let lifeMs = 250; ; lifeMs *= 2) {
      const expiresAt = new Date(Date.now() + lifeMs).toISOString();
      const { token } = await server.host.tokens.create({ role: "viewer", expiresAt });
      const { opened, ended } = follow({ authorization: `Bearer ${token}` });
      const isOpen = await Promise.race([opened, ended]).then(
        () => true,
        () => false,
      );
      if (!isOpen) continue;
      await ended;
      assert.deepEqual(codeOf(await runs({ token })), [401, "TOKEN_INVALID"]);
      return;
    }
  });

  it("ends when its browser signs out", async () => {
    const token = await server.tokenOf("viewer");
    const page = { origin: server.url };
    const { headers } = await server.send("POST", "/api/v1/session", { headers: page, body: { token } });
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const { opened, ended } = follow({ cookie });
    await opened;
    await server.send("DELETE", "/api/v1/session", { headers: { cookie, ...page } });
    await ended;
  });

  it("ends for whoever was let in as somebody on this machine when a token is made", async () => {
    const { opened, ended } = follow({});
    await opened;
    await server.tokenOf("viewer");
    await ended;
  });
});

describe("behind a proxy", () => {
  before(async () => {
    server = await startGuarded({
      publicUrls: ["https://busbar.example"],
      proxies: { behindProxy: true, trusted: [parseRange("10.0.0.0/8") ?? assert.fail()] },
    });
  });
  after(() => server.close());

  const proxied = (more: Readonly<Record<string, string>> = {}) => ({
    host: "busbar.example",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    ...more,
  });

  it("nobody is on this machine, and the public name is one of the server's", async () => {
    assert.deepEqual(codeOf(await runs()), [401, "TOKEN_REQUIRED"]);
    assert.deepEqual(codeOf(await runs({ headers: proxied() })), [401, "TOKEN_REQUIRED"]);
    const token = await server.tokenOf("viewer");
    assert.equal((await runs({ token, headers: proxied() })).status, 200);
    assert.equal((await runs({ token, headers: { ...proxied(), "x-forwarded-host": "busbar.example" } })).status, 200);
    const lied = await runs({ token, headers: proxied({ "x-forwarded-host": "busbar.example, evil.example" }) });
    assert.deepEqual(codeOf(lied), [421, "HOST_UNKNOWN"]);
  });

  it("cookies are for TLS alone, and the public page is one of ours", async () => {
    const token = await server.tokenOf("operator");
    const signIn = (headers: Readonly<Record<string, string>>) =>
      server.send("POST", "/api/v1/session", { headers, body: { token } });
    for (const headers of [proxied(), { host: "busbar.example" }]) {
      const { status, headers: got } = await signIn({ ...headers, origin: "https://busbar.example" });
      assert.equal(status, 200);
      assert.match(String(got["set-cookie"]), /^__Host-busbar=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    }
    assert.deepEqual(codeOf(await signIn(proxied({ origin: "http://busbar.example" }))), [403, "ORIGIN_FOREIGN"]);
    assert.deepEqual(codeOf(await signIn(proxied({ origin: "https://evil.example" }))), [403, "ORIGIN_FOREIGN"]);
  });

  it("failed logins count for the client that the nearest proxy names, and the audit log names it", async () => {
    const guess = (client: string) => runs({ token: "bbt_guess", headers: proxied({ "x-forwarded-for": client }) });
    for (let n = 0; n < 10; n += 1) assert.equal((await guess("6.6.6.6, 198.51.100.1")).status, 401);
    // Whatever it says of others before.
    assert.equal((await guess("7.7.7.7, 198.51.100.1")).status, 429);
    assert.equal((await guess("6.6.6.6, 198.51.100.2")).status, 401);
    const token = await server.tokenOf("admin");
    await start({ token, headers: proxied() });
    const [entry] = (await server.host.audit.read({ limit: 1 })).entries;
    assert.deepEqual([entry?.action, entry?.address], ["run.start", "203.0.113.9"]);
  });
});

describe("every operation", () => {
  before(async () => {
    server = await startGuarded();
  });
  after(() => server.close());

  interface Operation {
    readonly method: string;
    readonly path: string;
    readonly role: Role | "nobody";
    readonly action: string | undefined;
  }
  const operations = async (): Promise<readonly Operation[]> => {
    const token = readOwnToken(server.stateDir) ?? assert.fail();
    const { body } = await server.send("GET", "/api/openapi.json", { token });
    return Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, Record<string, string>>).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{[^}]+\}/g, "none"),
        role: operation["x-role"] as Role,
        action: operation["x-action"],
      })),
    );
  };

  it("is for callers of its role and those above, and says so to others", async () => {
    const all = await operations();
    assert.ok(all.length > 20);
    for (const { method, path, role } of all) {
      // Bodies that fit nothing: whoever gets as far as them is allowed to.
      const body = method === "GET" || method === "DELETE" ? {} : { body: { none: 1 } };
      const query = path.endsWith("/wait") ? "" : "?limit=x&run=";
      for (const caller of ROLES) {
        const token = await server.tokenOf(caller);
        const answer = await server.send(method, `${path}${query}`, { token, ...body });
        const isAllowed = role === "nobody" || ROLES.indexOf(caller) >= ROLES.indexOf(role);
        const what = `${caller}: ${method} ${path} ${answer.status} ${JSON.stringify(answer.body)}`;
        assert.equal(answer.body?.code === "FORBIDDEN", !isAllowed, what);
        assert.ok(answer.status < 500, what);
      }
      if (role === "nobody") continue;
      const stranger = await server.send(method, path, { headers: { origin: server.url }, ...body });
      assert.deepEqual(codeOf(stranger), [401, "TOKEN_REQUIRED"], `${method} ${path}`);
    }
  });

  it("that changes something leaves an entry in the audit log where it is refused, and one only", async () => {
    const token = await server.tokenOf("viewer");
    const entries = async () => (await server.host.audit.read({ limit: 100 })).entries;
    for (const { method, path, role, action } of await operations()) {
      if (action === undefined || role === "nobody") continue;
      const before = await entries();
      const body = method === "DELETE" ? {} : { body: {} };
      const answer = await server.send(method, path, { token, ...body });
      assert.deepEqual(codeOf(answer), [403, "FORBIDDEN"], `${method} ${path}`);
      const [newest, ...rest] = await entries();
      assert.deepEqual(
        [newest?.action, newest?.role, newest?.outcome, rest.length],
        [action, "viewer", "FORBIDDEN", before.length],
      );
    }
  });

  it("that changes something says how the audit log calls it, and needs more than viewer", async () => {
    for (const { method, path, role, action } of await operations()) {
      const changes = method !== "GET";
      assert.equal(action !== undefined, changes, `${method} ${path}`);
      assert.ok(!changes || role !== "viewer", `${method} ${path}`);
    }
  });

  it("is in the description, whatever is served; the rest is open on purpose, and nothing is open beside it", async () => {
    const known = new Set((await operations()).map(({ method, path }) => `${method} ${path}`));
    const pages = [...PAGES, "/assets/:file"];
    const open = ["/healthz", "/readyz", ...pages];
    for (const { method, path } of server.router.routes) {
      if (method === "ALL" || open.includes(path)) continue;
      const name = `${method} ${path.replace(/:[a-z_]+/g, "none")}`;
      if (known.has(name)) continue;
      const answer = await server.send(method, path.replaceAll("*", "x"), {
        headers: { origin: server.url },
        body: {},
      });
      assert.deepEqual(codeOf(answer), [401, "TOKEN_REQUIRED"], name);
    }
    for (const path of open) assert.ok((await server.send("GET", path)).status < 500);
    // What strangers get there is what everybody gets, and nothing of this server.
    const token = await server.tokenOf("admin");
    for (const path of PAGES) {
      const [theirs, mine] = [await server.send("GET", path), await server.send("GET", path, { token })];
      assert.deepEqual([theirs.status, theirs.body], [200, mine.body], path);
    }
    for (const path of ["/api/docs", "/api/docs.css", "/api/openapi.json", "/api/v1/runs", "/api/v1/feed"]) {
      assert.deepEqual(codeOf(await server.send("GET", path)), [401, "TOKEN_REQUIRED"], path);
    }
    for (const path of [
      "/%61pi/v1/runs",
      "/api/v1/%72uns",
      "/./api/v1/runs",
      "/x/../api/v1/runs",
      "//api/v1/runs",
      "/API/v1/runs",
    ]) {
      const { status } = await server.send("GET", path);
      assert.ok([401, 404].includes(status), `${path}: ${status}`);
    }
  });
});

describe("the audit log", () => {
  before(async () => {
    server = await startGuarded();
  });
  after(() => server.close());

  it("says who did what, of which run, and how it ended; looking leaves nothing in it", async () => {
    const admin = readOwnToken(server.stateDir) ?? assert.fail();
    const [own] = await server.host.tokens.list();
    const operator = await server.host.tokens.create({ role: "operator", name: "op" });
    await start({ token: admin, body: { definition, run_id: "r1", preflight: false } });
    await start({ token: admin, body: { definition, run_id: "r1", preflight: false, params: { a: 1 } } });
    for await (const { event } of readStream(`${server.url}/api/v1/runs/r1/events`, {
      headers: { authorization: `Bearer ${admin}` },
    })) {
      if (event === "end") break;
    }
    const token = operator.token;
    await start({ token, body: { definition, run_id: "r2" } });
    await server.send("POST", "/api/v1/runs/r1/cancel", { token, body: {} });
    await server.send("POST", "/api/v1/runs/r1/rerun", { token, body: { run_id: "r3", preflight: false } });
    await server.send("POST", "/api/v1/runs/r1/rerun", { token, body: { nonsense: true } });
    await server.send("DELETE", "/api/v1/runs/r1", { token });
    await server.send("GET", "/api/v1/runs/r1", { token });
    await server.send("GET", "/api/v1/tokens", { token });

    const page = await server.send("GET", "/api/v1/audit?limit=3", { token: admin });
    const rest = await server.send("GET", `/api/v1/audit?before=${page.body.next}`, { token: admin });
    const entries = [...page.body.entries, ...rest.body.entries].reverse();
    assert.deepEqual(
      entries.map(({ by, role, action, run_id, workflow, outcome }) => [by, role, action, run_id, workflow, outcome]),
      [
        [`token:${own?.id}`, "admin", "run.start", "r1", "one", "done"],
        [`token:${own?.id}`, "admin", "run.start", undefined, undefined, "RUN_EXISTS"],
        [`token:${operator.record.id}`, "operator", "run.start", undefined, undefined, "FORBIDDEN"],
        [`token:${operator.record.id}`, "operator", "run.cancel", "r1", undefined, "RUN_ALREADY_ENDED"],
        [`token:${operator.record.id}`, "operator", "run.rerun", "r3", "one", "done"],
        [`token:${operator.record.id}`, "operator", "run.delete", "r1", undefined, "FORBIDDEN"],
      ],
    );
    assert.ok(entries.every(({ address, at }) => address === "127.0.0.1" && !Number.isNaN(Date.parse(at))));
    assert.equal(rest.body.next, undefined);
    assert.deepEqual(codeOf(await server.send("GET", "/api/v1/audit", { token })), [403, "FORBIDDEN"]);
    assert.deepEqual(codeOf(await server.send("GET", "/api/v1/audit?before=0", { token: admin })), [
      400,
      "REQUEST_INVALID",
    ]);
  });

  it("has an entry of a key that was used for something else, and none of a request that is made again or makes no sense", async () => {
    const token = readOwnToken(server.stateDir) ?? assert.fail();
    const entries = async () =>
      (await server.host.audit.read()).entries.map(({ action, run_id, outcome }) => [action, run_id, outcome]);
    const before = await entries();
    const keyed = { token, headers: { "idempotency-key": "k" } };
    const body = { definition, run_id: "keyed", preflight: false };
    for (const status of [201, 200]) assert.equal((await start({ ...keyed, body })).status, status);
    const other = { ...keyed, body: { definition, run_id: "other", preflight: false } };
    assert.deepEqual(codeOf(await start(other)), [409, "IDEMPOTENCY_KEY_USED"]);
    assert.deepEqual(codeOf(await server.send("POST", "/api/v1/runs/keyed/rerun", { ...keyed, body: {} })), [
      409,
      "IDEMPOTENCY_KEY_USED",
    ]);
    const nonsense = { token, headers: { "idempotency-key": "k 1" }, body };
    assert.deepEqual(codeOf(await start(nonsense)), [400, "REQUEST_INVALID"]);
    const noJson = { token, headers: { "content-type": "application/json", "content-length": "0" } };
    assert.deepEqual(codeOf(await server.send("POST", "/api/v1/runs/keyed/cancel", noJson)), [400, "REQUEST_INVALID"]);
    const made = (await entries()).slice(0, -before.length || undefined);
    assert.deepEqual(made.toReversed(), [
      ["run.start", "keyed", "done"],
      ["run.start", undefined, "IDEMPOTENCY_KEY_USED"],
      ["run.rerun", "keyed", "IDEMPOTENCY_KEY_USED"],
    ]);
  });
});
