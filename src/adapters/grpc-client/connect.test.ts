// Why no connection came about, for each kind of peer and each phase of connecting.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer, type SecureServerOptions, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createServer as createTlsServer, getCACertificates } from "node:tls";
import { createSteppingClock } from "../../kernel/clock.ts";
import { err, ok } from "../../kernel/result.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import { encodeMessage } from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { startAnsweringPeer } from "../../testing/peers/http2.ts";
import { findRefusedAddress, listenAsPeer, type RunningPeer } from "../../testing/peers/peer.ts";
import { startBannerPeer, startHangUpPeer, startHttp1Peer, startTlsPeer } from "../../testing/peers/tcp.ts";
import { until } from "../../testing/until.ts";
import type { ChannelOptions } from "./channel.ts";
import type { Fault, TlsFault } from "./fault.ts";
import { Code } from "./status.ts";

const PATH = "/test.Echo/Say";
const HELLO = Buffer.from("hello");
const certs = readCerts();
const SERVER = { cert: certs.serverCert, key: certs.serverKey };
const TRUSTING = { caFile: CERT_FILES.ca };
/** Not meant to be reached but where time is stepped. */
const TIMEOUT_MS = 15_000;

async function callAt(target: string, options: Partial<ChannelOptions> = {}, timeoutMs = TIMEOUT_MS) {
  using channel = channelTo(target, options);
  return await channel.unary(PATH, HELLO, { timeoutMs });
}

/** A gRPC server over TLS that answers every call. */
function startSecurePeer(options: SecureServerOptions): Promise<RunningPeer> {
  const server = createSecureServer(options);
  server.on("sessionError", () => undefined);
  server.on("stream", answer);
  return listenAsPeer(server as unknown as Server);
}

function startTcpPeer(onSocket: (socket: Socket) => void): Promise<RunningPeer> {
  return listenAsPeer(
    createServer((socket) => {
      socket.on("error", () => undefined);
      onSocket(socket);
    }),
  );
}

function answer(stream: ServerHttp2Stream): void {
  stream.on("error", () => undefined);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(encodeMessage(HELLO));
}

describe("connecting", () => {
  it("says what the system says where nothing listens", async () => {
    const address = await findRefusedAddress();
    const result = await callAt(address);
    assert.equal(result.code, Code.UNAVAILABLE);
    assert.equal(result.sent, false);
    assert.deepEqual(result.fault, { kind: "refused", address, code: "ECONNREFUSED" });
    const unix = `unix:${join(tmpdir(), "busbar-no-such-socket")}`;
    assert.deepEqual((await callAt(unix)).fault, { kind: "refused", address: unix, code: "ENOENT" });
  });

  it("tells a name that does not exist from one that is still being looked up", async () => {
    const unknown = await callAt("nowhere.test:50051", { lookup: async () => err("ENOTFOUND") });
    assert.equal(unknown.code, Code.UNAVAILABLE);
    assert.deepEqual(unknown.fault, { kind: "unresolvable", host: "nowhere.test", code: "ENOTFOUND" });
    const pending = await callAt("slow.test:50051", { lookup: () => new Promise(() => undefined) }, 50);
    assert.equal(pending.code, Code.DEADLINE_EXCEEDED);
    assert.deepEqual(pending.fault, { kind: "resolving", host: "slow.test" });
  });

  it("asks for a name again after a failure, and goes to its new address", async () => {
    await using peer = await startAnsweringPeer({ messages: [HELLO] });
    const asked: string[] = [];
    using channel = channelTo(`moving.test:${peer.port}`, {
      lookup: async (host) => {
        asked.push(host);
        return ok([asked.length === 1 ? "127.0.0.2" : "127.0.0.1"]);
      },
    });
    const first = await channel.unary(PATH, HELLO, { timeoutMs: TIMEOUT_MS });
    assert.equal(first.fault?.kind, "refused");
    await new Promise((resolve) => setTimeout(resolve, 1050));
    const second = await channel.unary(PATH, HELLO, { timeoutMs: TIMEOUT_MS });
    assert.equal(second.code, Code.OK, JSON.stringify(second));
    assert.deepEqual(asked, ["moving.test", "moving.test"]);
  });

  it("takes the address that answers where a name has several", async () => {
    await using peer = await startAnsweringPeer({ messages: [HELLO] });
    for (const addresses of [
      ["127.0.0.2", "127.0.0.1"],
      ["127.0.0.1", "127.0.0.2"],
      ["::1", "127.0.0.1"],
    ]) {
      for (const name of ["several.test", "localhost"]) {
        const result = await callAt(`${name}:${peer.port}`, { lookup: async () => ok(addresses) });
        assert.equal(result.code, Code.OK, `${name} at ${addresses.join()}: ${JSON.stringify(result.fault)}`);
      }
    }
  });

  it("names the phase in which a peer says nothing", async () => {
    const heard = new Set<Socket>();
    await using peer = await startTcpPeer((socket) => void socket.on("data", () => heard.add(socket)));
    for (const [phase, options] of [
      ["preface", {}],
      ["tls", { tls: TRUSTING }],
    ] as const) {
      heard.clear();
      const clock = createSteppingClock();
      const call = callAt(peer.address, { ...options, clock });
      await until(() => heard.size === 1);
      clock.advance(TIMEOUT_MS);
      const { code, fault } = await call;
      assert.equal(code, Code.DEADLINE_EXCEEDED);
      assert.deepEqual(fault, { kind: "silent", address: peer.address, phase });
    }
  });

  it("says what a peer says that does not speak HTTP/2", async () => {
    const cases: readonly (readonly [string, () => Promise<RunningPeer>, string])[] = [
      ["web server", startHttp1Peer, "bytes HTTP/1.1 400 Bad Request"],
      ["banner", startBannerPeer, "bytes 220 mail.example ESMTP"],
      ["hangs up", startHangUpPeer, "nothing"],
      ["TLS", () => startSecurePeer(SERVER), "tls"],
    ];
    for (const [name, start, expected] of cases) {
      await using peer = await start();
      const { code, fault } = await callAt(peer.address);
      assert.equal(code, Code.UNAVAILABLE, name);
      assert.equal(fault?.kind, "notHttp2", name);
      if (fault?.kind !== "notHttp2") continue;
      const { saw } = fault;
      const text = saw.sort === "bytes" ? `bytes ${Buffer.from(saw.bytes).toString().split("\r\n")[0]}` : saw.sort;
      assert.equal(text, expected, name);
    }
    await using old = await startTlsPeer();
    const { fault } = await callAt(old.address, { tls: TRUSTING });
    assert.deepEqual(fault, { kind: "notHttp2", address: old.address, saw: { sort: "noAlpn" } });
  });
});

describe("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "grpc-client-"));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

  const IDENTITY = { certFile: CERT_FILES.clientCert, keyFile: CERT_FILES.clientKey };
  const MUTUAL = { ...SERVER, ca: certs.ca, requestCert: true, rejectUnauthorized: true };
  const wrongNames = ["localhost", "analyzer.test", "127.0.0.1", "0:0:0:0:0:0:0:1"];
  const empty = file("empty.pem", "no certificate at all\n");
  const bent = file("bent.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

  /** Where this machine has NODE_EXTRA_CA_CERTS, those are left. */
  const untrusting = (folders: string): TlsFault =>
    getCACertificates("extra").length === 0 ? { sort: "emptyFolders", folders } : { sort: "unknownIssuer" };

  const CASES: readonly {
    readonly name: string;
    readonly server: SecureServerOptions;
    readonly tls: ChannelOptions["tls"] & object;
    readonly fault: TlsFault | undefined;
    readonly env?: Record<string, string>;
  }[] = [
    { name: "a good certificate", server: SERVER, tls: TRUSTING, fault: undefined },
    { name: "mutual", server: MUTUAL, tls: { ...TRUSTING, ...IDENTITY }, fault: undefined },
    { name: "another name", server: SERVER, tls: { ...TRUSTING, serverName: "analyzer.test" }, fault: undefined },
    { name: "SSL_CERT_FILE", server: SERVER, tls: {}, env: { SSL_CERT_FILE: CERT_FILES.ca }, fault: undefined },
    {
      name: "SSL_CERT_DIR",
      server: SERVER,
      tls: {},
      env: { SSL_CERT_DIR: join(CERT_FILES.ca, "..") },
      fault: undefined,
    },
    {
      name: "its own certificate in ca_file",
      server: SERVER,
      tls: { caFile: CERT_FILES.serverCert },
      fault: undefined,
    },
    {
      name: "a self-signed one in ca_file",
      server: { cert: certs.selfSignedCert, key: certs.selfSignedKey },
      tls: { caFile: CERT_FILES.selfSignedCert },
      fault: undefined,
    },
    {
      name: "another one of the same issuer in ca_file",
      server: SERVER,
      tls: { caFile: CERT_FILES.clientCert },
      fault: { sort: "unknownIssuer" },
    },
    {
      name: "its own certificate in ca_file, expired",
      server: { cert: certs.expiredCert, key: certs.datedKey },
      tls: { caFile: CERT_FILES.expiredCert },
      fault: { sort: "expired" },
    },
    {
      name: "ca_file alone counts",
      server: SERVER,
      tls: { caFile: CERT_FILES.otherCa },
      env: { SSL_CERT_FILE: CERT_FILES.ca },
      fault: { sort: "unknownIssuer" },
    },
    { name: "an unknown issuer", server: SERVER, tls: {}, fault: { sort: "unknownIssuer" } },
    {
      name: "self-signed",
      server: { cert: certs.selfSignedCert, key: certs.selfSignedKey },
      tls: TRUSTING,
      fault: { sort: "selfSigned" },
    },
    {
      name: "expired",
      server: { cert: certs.expiredCert, key: certs.datedKey },
      tls: { caFile: CERT_FILES.datedCa },
      fault: { sort: "expired" },
    },
    {
      name: "not yet valid",
      server: { cert: certs.notYetValidCert, key: certs.datedKey },
      tls: { caFile: CERT_FILES.datedCa },
      fault: { sort: "notYetValid" },
    },
    {
      name: "another host",
      server: SERVER,
      tls: { ...TRUSTING, serverName: "other.test" },
      fault: { sort: "wrongHost", host: "other.test", names: wrongNames },
    },
    {
      name: "another host, by IP",
      server: SERVER,
      tls: { ...TRUSTING, serverName: "10.1.2.3" },
      fault: { sort: "wrongHost", host: "10.1.2.3", names: wrongNames },
    },
    {
      name: "no alternative names, and an address for its CN",
      server: { cert: certs.noNamesCert, key: certs.noNamesKey },
      tls: { caFile: CERT_FILES.noNamesCert },
      fault: { sort: "wrongHost", host: "127.0.0.1", names: [] },
    },
    {
      name: "an expired authority in ca_file",
      server: { cert: certs.underExpiredCert, key: certs.underExpiredKey },
      tls: { caFile: CERT_FILES.expiredAuthority },
      fault: { sort: "authorityExpired" },
    },
    {
      name: "an expired intermediate, TLS 1.2",
      server: {
        cert: Buffer.concat([certs.underExpiredCert, certs.expiredIntermediate]),
        key: certs.underExpiredKey,
        maxVersion: "TLSv1.2",
      },
      tls: { caFile: CERT_FILES.chainRoot },
      fault: { sort: "authorityExpired" },
    },
    {
      name: "no client certificate, TLS 1.3",
      server: MUTUAL,
      tls: TRUSTING,
      fault: { sort: "clientCertificateRequired" },
    },
    {
      name: "no client certificate, TLS 1.2",
      server: { ...MUTUAL, maxVersion: "TLSv1.2" },
      tls: TRUSTING,
      fault: { sort: "clientCertificateRequired" },
    },
    {
      name: "no such ca_file",
      server: SERVER,
      tls: { caFile: join(folder, "none.pem") },
      fault: { sort: "unreadableFile", file: join(folder, "none.pem"), code: "ENOENT" },
    },
    {
      name: "a ca_file without a certificate",
      server: SERVER,
      tls: { caFile: empty },
      fault: { sort: "noCertificate", file: empty },
    },
    {
      name: "a ca_file that is a key",
      server: SERVER,
      tls: { caFile: CERT_FILES.clientKey },
      fault: { sort: "noCertificate", file: CERT_FILES.clientKey },
    },
    {
      name: "a ca_file that is bent",
      server: SERVER,
      tls: { caFile: bent },
      fault: { sort: "badCertificate", file: bent },
    },
    {
      name: "a key_file without a key",
      server: SERVER,
      tls: { ...TRUSTING, ...IDENTITY, keyFile: empty },
      fault: { sort: "badKey", file: empty },
    },
    {
      name: "the key of another certificate",
      server: SERVER,
      tls: { ...TRUSTING, ...IDENTITY, keyFile: CERT_FILES.serverKey },
      fault: { sort: "keyOfAnotherCertificate", file: CERT_FILES.serverKey },
    },
    {
      name: "a certificate of ours that OpenSSL does not work with",
      server: SERVER,
      tls: { ...TRUSTING, certFile: CERT_FILES.weakCert, keyFile: CERT_FILES.weakKey },
      fault: { sort: "unusableCertificate", file: CERT_FILES.weakCert, code: "ERR_SSL_EE_KEY_TOO_SMALL" },
    },
    {
      name: "no common version",
      server: { ...SERVER, maxVersion: "TLSv1.1", minVersion: "TLSv1" },
      tls: TRUSTING,
      fault: { sort: "alert", alert: "protocol version" },
    },
    {
      name: "no common cipher, which is no wish for a client certificate",
      server: { ...SERVER, maxVersion: "TLSv1.2", ciphers: "AES128-SHA" },
      tls: TRUSTING,
      fault: { sort: "alert", alert: "handshake failure" },
    },
    {
      name: "a certificate that is not for servers",
      server: { cert: certs.clientCert, key: certs.clientKey },
      tls: TRUSTING,
      fault: { sort: "notForServers" },
    },
    {
      name: "an SSL_CERT_DIR without a certificate that can be read",
      server: SERVER,
      tls: {},
      env: { SSL_CERT_DIR: folder },
      fault: untrusting(folder),
    },
    {
      name: "an SSL_CERT_DIR that is not there",
      server: SERVER,
      tls: {},
      env: { SSL_CERT_DIR: "/no/such/folder" },
      fault: untrusting("/no/such/folder"),
    },
    {
      name: "an SSL_CERT_FILE that is a directory",
      server: SERVER,
      tls: {},
      env: { SSL_CERT_FILE: folder },
      fault: { sort: "unreadableFile", file: folder, code: "EISDIR" },
    },
  ];

  for (const { name, server, tls, fault, env = {} } of CASES) {
    it(`${fault === undefined ? "connects" : "says why it does not connect"}: ${name}`, async () => {
      await using peer = await startSecurePeer(server);
      const result = await callAt(peer.address, { tls, env });
      if (fault === undefined) {
        assert.equal(result.code, Code.OK, JSON.stringify(result));
      } else {
        assert.equal(result.code, Code.UNAVAILABLE);
        assert.deepEqual(result.fault, { kind: "tls", address: peer.address, tls: fault } satisfies Fault);
      }
    });
  }

  it("says that a peer speaks plaintext", async () => {
    for (const start of [startBannerPeer, startHttp1Peer, () => startAnsweringPeer({})]) {
      await using peer = await start();
      const { fault } = await callAt(peer.address, { tls: TRUSTING });
      assert.deepEqual(fault, { kind: "tls", address: peer.address, tls: { sort: "plaintextPeer" } });
    }
  });

  it("tells a client certificate that the server refuses with an alert, and one that it refuses without a word", async () => {
    // Node's own server closes without one.
    await using node = await startSecurePeer({ ...MUTUAL, ca: certs.otherCa });
    const wordless = await callAt(node.address, { tls: { ...TRUSTING, ...IDENTITY } });
    assert.deepEqual(wordless.fault, { kind: "hungUp", address: node.address, phase: "preface" });
  });

  it("is asked for a good certificate whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      await using peer = await startSecurePeer(SERVER);
      const { fault } = await callAt(peer.address, { tls: { caFile: CERT_FILES.otherCa } });
      assert.deepEqual(fault, { kind: "tls", address: peer.address, tls: { sort: "unknownIssuer" } });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it("reads every alert with which a server may end the handshake", async () => {
    for (const [number, alert] of [
      [40, "handshake failure"],
      [70, "protocol version"],
      [80, "internal error"],
      [112, "unrecognized name"],
    ] as const) {
      await using peer = await startTcpPeer((socket) => {
        socket.once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, number])));
      });
      const { fault } = await callAt(peer.address, { tls: TRUSTING });
      assert.deepEqual(fault, { kind: "tls", address: peer.address, tls: { sort: "alert", alert } });
    }
  });

  it("says that a peer agreed on HTTP/2 and speaks something else", async () => {
    const server = createTlsServer({ ...SERVER, ALPNProtocols: ["h2"] }, (socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    });
    await using peer = await listenAsPeer(server as unknown as Server);
    const { fault } = await callAt(peer.address, { tls: TRUSTING });
    assert.deepEqual(fault, { kind: "notHttp2", address: peer.address, saw: { sort: "notAsAgreed" } });
  });

  it("says that a peer hung up in the handshake", async () => {
    await using peer = await startHangUpPeer();
    const { fault } = await callAt(peer.address, { tls: TRUSTING });
    assert.deepEqual(fault, { kind: "hungUp", address: peer.address, phase: "tls" });
  });

  it("sends no server name for an address, and none with a dot at its end", async () => {
    const names: unknown[] = [];
    const server = createTlsServer({ ...SERVER, ALPNProtocols: ["h2"] }, (socket) => {
      names.push(socket.servername);
      socket.on("error", () => undefined);
      socket.end();
    });
    await using peer = await listenAsPeer(server as unknown as ReturnType<typeof createServer>);
    await callAt(peer.address, { tls: TRUSTING });
    await callAt(peer.address, { tls: { ...TRUSTING, serverName: "localhost" } });
    await callAt(peer.address, { tls: { ...TRUSTING, serverName: "localhost." } });
    assert.deepEqual(names, [false, "localhost", "localhost"]);
  });
});
