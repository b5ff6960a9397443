import assert from "node:assert/strict";
import dns from "node:dns";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer, type ServerOptions as HttpsOptions } from "node:https";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Clock, createSteppingClock } from "../../kernel/clock.ts";
import { parseTarget } from "../../kernel/target.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { startAnsweringPeer } from "../../testing/peers/http2.ts";
import { findRefusedAddress, listenAsPeer, type RunningPeer } from "../../testing/peers/peer.ts";
import { startBannerPeer, startHangUpPeer } from "../../testing/peers/tcp.ts";
import { createSystemClock } from "../system/clock.ts";
import { chooseProxy, matchesNoProxy } from "./proxy.ts";
import { Code } from "./status.ts";

const HELLO = Buffer.from("hello");
/** Reserved for documentation (RFC 5737): only the proxy knows a way there. */
const FAR = "192.0.2.1:50051";
/** Not meant to be reached but where time is stepped. */
const TIMEOUT_MS = 15_000;

interface ProxyPeer extends RunningPeer {
  readonly asked: { readonly host: string | undefined; readonly authorization: string | undefined }[];
}

/** Lets through to `port` of this machine, or answers with a status. */
async function startProxy(
  answer: { readonly port: number } | { readonly status: number },
  secure: false | true | HttpsOptions = false,
): Promise<ProxyPeer> {
  const asked: ProxyPeer["asked"] = [];
  const { serverCert: cert, serverKey: key } = readCerts();
  const server =
    secure === false ? createHttpServer() : createHttpsServer({ cert, key, ...(secure === true ? {} : secure) });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push({ host: request.url, authorization: request.headers["proxy-authorization"] });
    socket.on("error", () => undefined);
    if ("status" in answer) {
      socket.end(`HTTP/1.1 ${answer.status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const far = connect(answer.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.pipe(socket).pipe(far);
    });
    far.on("error", () => socket.destroy());
    socket.on("close", () => far.destroy());
  });
  const peer = await listenAsPeer(server as unknown as Server);
  return { ...peer, asked };
}

/** Says these words to whatever it hears first, and hangs up. */
function startSaying(words: string): Promise<RunningPeer> {
  return listenAsPeer(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(words));
    }),
  );
}

async function callThrough(env: Record<string, string>, target = FAR, clock: Clock = createSystemClock()) {
  using channel = channelTo(target, { env, clock });
  return await channel.unary("/test.Echo/Say", HELLO, { timeoutMs: TIMEOUT_MS });
}

describe("a call through a proxy", () => {
  it("goes by CONNECT to the name as it stands, with the URL's user and password", async () => {
    await using peer = await startAnsweringPeer({ messages: [HELLO] });
    await using proxy = await startProxy({ port: peer.port });
    for (const [target, host] of [
      [FAR, FAR],
      ["far.invalid:50051", "far.invalid:50051"],
      ["[2001:db8::1]:50051", "[2001:db8::1]:50051"],
      ["日本.invalid:50051", "xn--wgv71a.invalid:50051"],
    ] as const) {
      const result = await callThrough({ https_proxy: `http://me:p%40ss@${proxy.address}` }, target);
      assert.equal(result.code, Code.OK, JSON.stringify(result));
      const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
      assert.deepEqual(proxy.asked.at(-1), { host, authorization });
    }
  });

  it("goes through a proxy that is reached by TLS", async () => {
    await using peer = await startAnsweringPeer({ messages: [HELLO] });
    await using proxy = await startProxy({ port: peer.port }, true);
    const trusted = { grpc_proxy: `https://${proxy.address}`, SSL_CERT_FILE: CERT_FILES.ca };
    assert.equal((await callThrough(trusted)).code, Code.OK);
    const { fault } = await callThrough({ grpc_proxy: `https://${proxy.address}` });
    const proxyFault = { sort: "tls", tls: { sort: "unknownIssuer" } };
    assert.deepEqual(fault, { kind: "proxy", proxy: `https://${proxy.address}`, proxyFault });
  });

  it("says what the proxy answered, or why there was no answer, without the password", async () => {
    const refused = await findRefusedAddress();
    await using banner = await startBannerPeer();
    await using hangUp = await startHangUpPeer();
    await using cutOff = await startSaying("HTTP/1.1 200 OK\r\nVia: ");
    await using endless = await startSaying(`HTTP/1.1 200 OK\r\nVia: ${"x".repeat(100_000)}`);
    await using secure = await startProxy({ status: 403 }, true);
    await using forbids = await startProxy({ status: 403 });
    await using wantsUser = await startProxy({ status: 407 });
    await using bad = await startProxy({ status: 502 });
    const cases = [
      [forbids.address, { sort: "answer", httpStatus: 403 }],
      [wantsUser.address, { sort: "answer", httpStatus: 407 }],
      [bad.address, { sort: "answer", httpStatus: 502 }],
      [refused, { sort: "unreachable", code: "ECONNREFUSED" }],
      ["proxy.invalid:3128", { sort: "unresolvable", code: "ENOTFOUND" }],
      [banner.address, { sort: "notHttp" }],
      [hangUp.address, { sort: "hungUp" }],
      [cutOff.address, { sort: "hungUp" }],
      [secure.address, { sort: "hungUp" }],
      [endless.address, { sort: "notHttp" }],
    ] as const;
    for (const [address, proxyFault] of cases) {
      const { code, fault } = await callThrough({ http_proxy: `http://me:secret@${address}` });
      assert.equal(code, Code.UNAVAILABLE);
      if (fault?.kind === "proxy" && fault.proxyFault.sort === "unresolvable") continue; // the code is the system's
      assert.deepEqual(fault, { kind: "proxy", proxy: `http://${address}`, proxyFault });
    }
    const { fault } = await callThrough({ http_proxy: "socks5://me:secret@host:1" });
    assert.deepEqual(fault, { kind: "proxy", proxy: "socks5://host:1", proxyFault: { sort: "badUrl" } });
  });

  it("says that none of the addresses of a proxy's name takes a connection", async (context) => {
    const [, port] = (await findRefusedAddress()).split(":");
    const addresses = [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.1", family: 4 },
    ];
    context.mock.method(dns, "lookup", (_host: string, _options: object, found: (...given: unknown[]) => void) =>
      found(null, addresses),
    );
    for (const scheme of ["http", "https"]) {
      const proxy = `${scheme}://proxy.test:${port}`;
      const { fault } = await callThrough({ http_proxy: proxy });
      assert.deepEqual(fault, { kind: "proxy", proxy, proxyFault: { sort: "unreachable", code: "ECONNREFUSED" } });
    }
  });

  it("says what is wrong with the TLS of a proxy, also where the request would have been on its way", async () => {
    const { ca } = readCerts();
    await using plain = await startProxy({ status: 403 });
    await using asking = await startProxy({ status: 403 }, { ca, requestCert: true, rejectUnauthorized: true });
    await using asking12 = await startProxy(
      { status: 403 },
      { ca, requestCert: true, rejectUnauthorized: true, maxVersion: "TLSv1.2" },
    );
    await using other = await startProxy({ status: 403 }, { cert: readCerts().clientCert, key: readCerts().clientKey });
    for (const [address, tls] of [
      [plain.address, { sort: "plaintextPeer" }],
      [asking.address, { sort: "clientCertificateRequired" }],
      [asking12.address, { sort: "clientCertificateRequired" }],
      [other.address, { sort: "notForServers" }],
    ] as const) {
      const { fault } = await callThrough({ grpc_proxy: `https://${address}`, SSL_CERT_FILE: CERT_FILES.ca });
      assert.deepEqual(fault, { kind: "proxy", proxy: `https://${address}`, proxyFault: { sort: "tls", tls } });
    }
  });

  it("tells a peer behind it that does not speak HTTP/2, and one that hangs up", async () => {
    const web = (): Promise<RunningPeer> => startSaying("HTTP/1.1 400 Bad Request\r\n\r\n");
    for (const [start, kind] of [
      [startHangUpPeer, "hungUp"],
      [startBannerPeer, "notHttp2"],
      [web, "notHttp2"],
    ] as const) {
      await using peer = await start();
      await using proxy = await startProxy({ port: peer.port });
      const { fault } = await callThrough({ grpc_proxy: proxy.address });
      assert.equal(fault?.kind, kind);
      if (fault?.kind === "notHttp2") assert.deepEqual(fault.saw, { sort: "noHttp2" });
    }
  });

  it("ends by its deadline where the proxy says nothing", async () => {
    const asked = Promise.withResolvers<void>();
    await using silent = await listenAsPeer(createServer((socket) => void socket.on("data", () => asked.resolve())));
    const clock = createSteppingClock();
    const call = callThrough({ http_proxy: silent.address }, FAR, clock);
    await asked.promise;
    clock.advance(TIMEOUT_MS);
    const { code, fault } = await call;
    assert.equal(code, Code.DEADLINE_EXCEEDED);
    assert.deepEqual(fault, {
      kind: "proxy",
      proxy: `http://${silent.address}`,
      proxyFault: { sort: "silent", phase: "proxy" },
    });
  });
});

describe("the choice of a proxy", () => {
  const chosen = (target: string, env: Record<string, string>): string | undefined => {
    const parsed = parseTarget(target);
    assert.ok(parsed.ok);
    const proxy = chooseProxy(parsed.value, env);
    return proxy.ok ? proxy.value?.url : "fault";
  };

  it("is grpc_proxy, https_proxy, http_proxy in this order, lower case before upper", () => {
    const names = ["grpc_proxy", "GRPC_PROXY", "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];
    const all = Object.fromEntries(names.map((name, index) => [name, `http://p${index}:1`]));
    for (const [index, name] of names.entries()) {
      assert.equal(chosen("host:1", all), `http://p${index}:1`);
      all[name] = index % 2 === 0 ? "" : "  ";
    }
    assert.equal(chosen("host:1", all), undefined);
  });

  it("never shows a password, however it is written", () => {
    const secret = fc.stringMatching(/^[\w#/?@:\\%&=+ .-]{3,20}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom("http://", "https://", ""), (word, scheme) => {
        for (const userinfo of [`me:${word}`, word]) {
          const proxy = chooseProxy(
            { kind: "dns", host: "far.test", port: 1 },
            { http_proxy: `${scheme}${userinfo}@0.0.0.0:3128` },
          );
          const fault = proxy.ok || proxy.error.kind !== "proxy" ? undefined : proxy.error.proxy;
          const shown = (proxy.ok ? proxy.value?.url : fault) ?? "";
          // What of it could stand there: a host, and a port where there was a colon.
          for (const part of word.split(/[#/?@:\\]/).filter((one) => one.length >= 3)) {
            assert.ok(!shown.replace(/0\.0\.0\.0:3128$/, "").includes(part), `${userinfo} is shown as ${shown}`);
          }
        }
      }),
    );
  });

  it("is none for what never leaves the machine", () => {
    for (const target of ["localhost:1", "127.1.2.3:1", "[::1]:1", "unix:/a"]) {
      assert.equal(chosen(target, { http_proxy: "p:1" }), undefined);
    }
  });

  it("is none for what no_proxy names", () => {
    assert.equal(chosen("host.test:1", { http_proxy: "p:1", no_proxy: "test" }), undefined);
    assert.equal(chosen("host.test:1", { http_proxy: "p:1", NO_PROXY: ".test" }), undefined);
    assert.equal(chosen("host.test:1", { http_proxy: "p:1", no_proxy: "best" }), "http://p:1");
  });

  it("reads no_proxy as others do", () => {
    const yes = [
      ["*", "any"],
      ["a.test", "a.test"],
      ["a.test", "b.a.test"],
      [".a.test", "b.a.test"],
      [".a.test", "a.test"],
      ["*.a.test", "b.a.test"],
      ["A.Test", "a.tEST"],
      ["x, a.test", "a.test"],
      ["x a.test", "a.test"],
      ["a.test:50051", "a.test"],
      ["10.0.0.0/8", "10.1.2.3"],
      ["10.1.2.3", "10.1.2.3"],
      ["2001:db8::/32", "2001:db8::5"],
      ["[::5]:50051", "::5"],
      ["::5", "::5"],
      ["a.test.", "a.test"],
      ["a.test", "a.test."],
      ["日本.test", "xn--wgv71a.test"],
      [".日本.test", "b.xn--wgv71a.test"],
      ["my_host", "my_host"],
      ["*.my-host_1.a", "b.my-host_1.a"],
    ];
    const no = [
      ["", "a.test"],
      ["a.test", "ba.test"],
      ["a.test:1", "a.test"],
      ["10.0.0.0/8", "11.1.2.3"],
      ["10.0.0.0/99", "10.1.2.3"],
      ["3.4", "1.2.3.4"],
      ["0.0.0.0/0", "a.test"],
      [".", "a.test"],
      ["10.0.0.0/x", "10.0.0.1"],
    ];
    for (const [list = "", host = ""] of yes) assert.ok(matchesNoProxy(list, host, 50051), `${list} has ${host}`);
    for (const [list = "", host = ""] of no) assert.ok(!matchesNoProxy(list, host, 50051), `${list} has not ${host}`);
    fc.assert(fc.property(fc.string(), fc.string(), (list, host) => void matchesNoProxy(list, host, 1)));
  });
});
