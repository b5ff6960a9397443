// What every fault of the client is called for people: the row of the error table, the words, whether it is retried.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSecrets } from "../../kernel/secrets.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import type { Tls } from "../../workflow/model/service.ts";
import type { Fault, ProxyFault, Sight, TlsFault } from "../grpc-client/fault.ts";
import { Code } from "../grpc-client/status.ts";
import type { Asked } from "./fault-report.ts";
import { describeFault } from "./faults.ts";
import { outcomeOfEnd } from "./outcome.ts";

const ADDRESS = "10.0.0.1:50051";
const FILES: Tls = { caFile: "/ca.pem", certFile: "/cert.pem", keyFile: "/key.pem" };
const tls = (fault: TlsFault): Fault => ({ kind: "tls", address: ADDRESS, tls: fault });
const proxy = (proxyFault: ProxyFault): Fault => ({ kind: "proxy", proxy: "http://proxy:3128", proxyFault });
const saw = (sight: Sight): Fault => ({ kind: "notHttp2", address: ADDRESS, saw: sight });
const NONE = createSecrets(() => undefined);
const asked = (what: Asked["what"], files: Tls | undefined): Asked => ({
  what,
  limitMs: 1500,
  tls: files,
  secrets: NONE,
});

/** Of a finding; whether it is final for a call; the end of what a check says. */
type Row = readonly [Fault, code: string, isFinal: boolean, words: RegExp, tls?: Tls | undefined];

const TLS_ROWS: readonly Row[] = [
  [tls({ sort: "expired" }), "SERVICE_TLS", true, /its certificate has expired; the service must renew it$/],
  [
    tls({ sort: "notYetValid" }),
    "SERVICE_TLS",
    true,
    /its certificate is not valid yet; the service needs another one/,
  ],
  [tls({ sort: "revoked" }), "SERVICE_TLS", true, /was revoked; the service must renew it$/],
  [tls({ sort: "unknownIssuer" }), "SERVICE_TLS", true, /not trusted .*; check tls\.ca_file$/],
  [tls({ sort: "unknownIssuer" }), "SERVICE_TLS", true, /not trusted .*; set tls\.ca_file to the certificate/, {}],
  [tls({ sort: "selfSigned" }), "SERVICE_TLS", true, /it has signed itself\); check tls\.ca_file$/],
  [
    tls({ sort: "wrongHost", host: "10.1.2.3", names: ["a.test", "::1"] }),
    "SERVICE_TLS",
    true,
    /\(a\.test, ::1\), not for 10\.1\.2\.3; set tls\.server_name .*, or the service needs .* IP:10\.1\.2\.3 \(/,
  ],
  [
    tls({ sort: "wrongHost", host: "h", names: ["a.test"] }),
    "SERVICE_TLS",
    true,
    /for another name \(a\.test\), not for h; set tls\.server_name to a name that it has$/,
  ],
  [
    tls({ sort: "wrongHost", host: "h", names: [] }),
    "SERVICE_TLS",
    true,
    /is for no host at all, not for h; the service needs a certificate with the subjectAltName DNS:h$/,
  ],
  [
    tls({ sort: "wrongHost", host: "127.0.0.1", names: [] }),
    "SERVICE_TLS",
    true,
    /no host at all, not for 127\.0\.0\.1; the service needs .* IP:127\.0\.0\.1 \(for an address nothing else in it counts\)$/,
  ],
  [
    tls({ sort: "authorityExpired" }),
    "SERVICE_TLS",
    true,
    /an authority above it has expired: one in tls\.ca_file, or an intermediate that the service sends$/,
  ],
  [tls({ sort: "authorityExpired" }), "SERVICE_TLS", true, /has expired: one that is trusted here, or an inter/, {}],
  [
    tls({ sort: "authorityNotYetValid" }),
    "SERVICE_TLS",
    true,
    /own certificate is valid, but .* is not valid yet: one/,
  ],
  [
    tls({ sort: "clientCertificateRequired" }),
    "SERVICE_TLS",
    true,
    /asks for a client certificate: set tls\.cert_file/,
  ],
  [
    tls({ sort: "clientCertificateRefused", alert: "unknown ca" }),
    "SERVICE_TLS",
    true,
    /does not accept the client certificate \(unknown ca\); check tls\.cert_file$/,
  ],
  [
    tls({ sort: "unreadableFile", file: "/ca.pem", code: "ENOENT" }),
    "SERVICE_TLS",
    true,
    /its ca_file \/ca\.pem cannot be read: there is no such file$/,
  ],
  [
    tls({ sort: "unreadableFile", file: "/other.pem", code: "EACCES" }),
    "SERVICE_TLS",
    true,
    /SSL_CERT_FILE \(\/other\.pem\) cannot be read: permission is denied$/,
  ],
  [
    tls({ sort: "noCertificate", file: "/ca.pem" }),
    "SERVICE_TLS",
    true,
    /its ca_file \/ca\.pem has no certificate in it/,
  ],
  [
    tls({ sort: "badCertificate", file: "/cert.pem" }),
    "SERVICE_TLS",
    true,
    /its cert_file \/cert\.pem has a certificate/,
  ],
  [tls({ sort: "badKey", file: "/key.pem" }), "SERVICE_TLS", true, /its key_file \/key\.pem has no private key/],
  [
    tls({ sort: "keyOfAnotherCertificate", file: "/key.pem" }),
    "SERVICE_TLS",
    true,
    /its key_file \/key\.pem is the key of another certificate than cert_file$/,
  ],
  [
    tls({ sort: "unusableCertificate", file: "/cert.pem", code: "ERR_SSL_EE_KEY_TOO_SMALL" }),
    "SERVICE_TLS",
    true,
    /does not take its cert_file \/cert\.pem \(ERR_SSL_EE_KEY_TOO_SMALL\); it needs a certificate with a stronger key/,
  ],
  [tls({ sort: "plaintextPeer" }), "SERVICE_TLS", true, /the service expects plaintext, but the file has tls for it$/],
  [tls({ sort: "notForServers" }), "SERVICE_TLS", true, /is not for servers .*; the service needs another one$/],
  [
    tls({ sort: "emptyFolders", folders: "/none" }),
    "SERVICE_TLS",
    true,
    /SSL_CERT_DIR \(\/none\) has no certificate that can be read, and stands in the place of all others$/,
  ],
  [tls({ sort: "alert", alert: "handshake failure" }), "SERVICE_TLS", true, /no cipher that .* a client certificate/],
  [tls({ sort: "alert", alert: "unrecognized name" }), "SERVICE_TLS", true, /set tls\.server_name to one that it has/],
  [tls({ sort: "alert", alert: "internal error" }), "SERVICE_TLS", true, /handshake \(alert: internal error\)$/],
  [
    tls({ sort: "noCertificate", file: "/both.pem" }),
    "SERVICE_TLS",
    true,
    /its cert_file \/both\.pem has no certificate/,
    { certFile: "/both.pem", keyFile: "/both.pem" },
  ],
  [
    tls({ sort: "badKey", file: "/both.pem" }),
    "SERVICE_TLS",
    true,
    /its key_file \/both\.pem has no private key that can be read without a passphrase$/,
    { certFile: "/both.pem", keyFile: "/both.pem" },
  ],
  [tls({ sort: "alert", alert: "protocol version" }), "SERVICE_TLS", true, /\(alert: protocol version\)$/],
  [tls({ sort: "other", code: "ERR_SSL_X" }), "SERVICE_TLS", true, /the TLS handshake failed \(ERR_SSL_X\)$/],
  [saw({ sort: "tls" }), "SERVICE_TLS", true, /the service expects TLS, but the file has no tls for it$/],
  [{ kind: "hungUp", address: ADDRESS, phase: "tls" }, "SERVICE_TLS", false, /hung up during the TLS handshake$/],
  [
    { kind: "hungUp", address: ADDRESS, phase: "preface" },
    "SERVICE_TLS",
    false,
    /may not accept the client certificate \(tls\.cert_file\)$/,
  ],
  [
    { kind: "hungUp", address: ADDRESS, phase: "preface" },
    "SERVICE_TLS",
    false,
    /may ask for a client certificate: set tls\.cert_file and tls\.key_file$/,
    {},
  ],
];

const PROXY_ROWS: readonly Row[] = [
  [
    proxy({ sort: "answer", httpStatus: 403 }),
    "SERVICE_PROXY",
    true,
    /the proxy http:\/\/proxy:3128 answered 403: it does not pass/,
  ],
  [
    proxy({ sort: "answer", httpStatus: 407 }),
    "SERVICE_PROXY",
    true,
    /answered 407: it wants a user and password in its URL, or others than those that stand there$/,
  ],
  [
    proxy({ sort: "answer", httpStatus: 502 }),
    "SERVICE_UNREACHABLE",
    false,
    /answered 502: it cannot reach the service/,
  ],
  [
    proxy({ sort: "answer", httpStatus: 503 }),
    "SERVICE_UNREACHABLE",
    false,
    /answered 503: it cannot reach the service/,
  ],
  [
    proxy({ sort: "answer", httpStatus: 504 }),
    "SERVICE_UNREACHABLE",
    false,
    /answered 504: it cannot reach the service/,
  ],
  ...[408, 429, 500].map(
    (httpStatus): Row => [
      proxy({ sort: "answer", httpStatus }),
      "SERVICE_PROXY",
      false,
      /answered \d+: it takes no more for now, or has failed itself$/,
    ],
  ),
  [proxy({ sort: "answer", httpStatus: 301 }), "SERVICE_PROXY", true, /answered 301/],
  [
    proxy({ sort: "unreachable", code: "ECONNREFUSED" }),
    "SERVICE_PROXY",
    false,
    /the proxy \S+ is not there \(ECONNREFUSED\)$/,
  ],
  [proxy({ sort: "unresolvable", code: "ENOTFOUND" }), "SERVICE_PROXY", false, /has a host name that does not resolve/],
  [proxy({ sort: "silent", phase: "proxy" }), "SERVICE_PROXY", false, /the proxy \S+ did not answer in time$/],
  [
    proxy({ sort: "silent", phase: "connect" }),
    "SERVICE_PROXY",
    false,
    /the proxy \S+ was not to be connected to in time$/,
  ],
  [proxy({ sort: "hungUp" }), "SERVICE_PROXY", false, /hung up; it may expect TLS \(https:\/\/ in its URL\)$/],
  [
    proxy({ sort: "tls", tls: { sort: "selfSigned" } }),
    "SERVICE_PROXY",
    true,
    /signed itself\); set NODE_EXTRA_CA_CERTS to the certificate of its authority$/,
  ],
  [proxy({ sort: "tls", tls: { sort: "plaintextPeer" } }), "SERVICE_PROXY", true, /write http:\/\/ in its URL$/],
  [proxy({ sort: "tls", tls: { sort: "clientCertificateRequired" } }), "SERVICE_PROXY", true, /is not shown one$/],
  [
    proxy({ sort: "tls", tls: { sort: "wrongHost", host: "p", names: ["q"] } }),
    "SERVICE_PROXY",
    true,
    /for another name \(q\), not for p; name the proxy in the environment as its certificate does, or the proxy needs/,
  ],
  [proxy({ sort: "notHttp" }), "SERVICE_PROXY", true, /does not speak HTTP$/],
  [
    proxy({ sort: "badUrl" }),
    "SERVICE_PROXY",
    true,
    /that the environment names is no URL of http or https; in a user or password, # /,
  ],
  [
    proxy({ sort: "tls", tls: { sort: "expired" } }),
    "SERVICE_PROXY",
    true,
    /do not agree on TLS: its certificate has expired; whoever runs the proxy must renew it$/,
  ],
  [
    proxy({ sort: "tls", tls: { sort: "wrongHost", host: "10.0.0.9", names: [] } }),
    "SERVICE_PROXY",
    true,
    /for no host at all, not for 10\.0\.0\.9; the proxy needs a certificate with the subjectAltName IP:10\.0\.0\.9/,
  ],
  [
    proxy({ sort: "tls", tls: { sort: "alert", alert: "unrecognized name" } }),
    "SERVICE_PROXY",
    true,
    /it has no certificate for the name in its URL/,
  ],
];

const reply = (httpStatus: number, contentType = ""): Fault => ({ kind: "badReply", httpStatus, contentType });
const refused = (code: string, address = ADDRESS): Fault => ({ kind: "refused", address, code });
const OTHER_ROWS: readonly Row[] = [
  [
    { kind: "unresolvable", host: "h", code: "ENOTFOUND" },
    "SERVICE_UNKNOWN_NAME",
    false,
    /the host name h does not resolve$/,
  ],
  [
    { kind: "resolving", host: "h" },
    "SERVICE_UNKNOWN_NAME",
    false,
    /within 1\.5 s: its host name was still being looked up/,
  ],
  [
    refused("ECONNREFUSED"),
    "SERVICE_UNREACHABLE",
    false,
    /connection refused \(10\.0\.0\.1:50051\): nothing listens there$/,
  ],
  [refused("ENOENT", "unix:/a/b"), "SERVICE_UNREACHABLE", false, /there is no socket \/a\/b: nothing listens there$/],
  [refused("EHOSTUNREACH"), "SERVICE_UNREACHABLE", false, /no way to the host \(EHOSTUNREACH 10\.0\.0\.1:50051\)$/],
  [refused("EACCES", "unix:/a"), "SERVICE_UNREACHABLE", false, /this user may not connect to unix:\/a$/],
  [refused("EIO"), "SERVICE_UNREACHABLE", false, /no connection to 10\.0\.0\.1:50051 came about: EIO$/],
  [refused("EINVAL", "[fe80::1%no]:1"), "SERVICE_UNREACHABLE", false, /its zone must be a network interface$/],
  [refused("EINVAL", "unix:/long"), "SERVICE_UNREACHABLE", false, /the path is too long$/],
  [
    { kind: "silent", address: ADDRESS, phase: "tls" },
    "SERVICE_SILENT",
    false,
    /accepts .*, but the TLS handshake is not/,
  ],
  [
    { kind: "silent", address: ADDRESS, phase: "preface" },
    "SERVICE_SILENT",
    false,
    /within 1\.5 s: .* no HTTP\/2 settings/,
  ],
  [
    { kind: "silent", address: ADDRESS, phase: "connect" },
    "SERVICE_UNREACHABLE",
    false,
    /came about within 1\.5 s; .* drops/,
  ],
  [
    { kind: "silent", address: ADDRESS, phase: "preface", proxy: "http://proxy:1" },
    "SERVICE_SILENT",
    false,
    /the proxy http:\/\/proxy:1 found a way there, but no HTTP\/2 settings/,
  ],
  [{ kind: "hungUp", address: ADDRESS, phase: "preface" }, "SERVICE_UNREACHABLE", false, /and hung up$/],
  [saw({ sort: "nothing" }), "SERVICE_WRONG_PROTOCOL", false, /accepts connections and hangs up/],
  [saw({ sort: "noAlpn" }), "SERVICE_WRONG_PROTOCOL", true, /speaks TLS, but not HTTP\/2$/],
  [saw({ sort: "notAsAgreed" }), "SERVICE_WRONG_PROTOCOL", false, /agreed on HTTP\/2 over TLS, but does not speak/],
  [saw({ sort: "noHttp2" }), "SERVICE_WRONG_PROTOCOL", false, /does not speak gRPC, or expects TLS/],
  [
    saw({ sort: "bytes", bytes: Buffer.from("HTTP/1.1 400 Bad\r\n\r\n") }),
    "SERVICE_WRONG_PROTOCOL",
    false,
    /HTTP\/1\.1$/,
  ],
  [saw({ sort: "bytes", bytes: Buffer.from([0x1b, 0x41, 0xff]) }), "SERVICE_WRONG_PROTOCOL", false, /it answers "/],
  [{ kind: "queued" }, "SERVICE_SILENT", false, /took no more calls at once within 1\.5 s; lower its max_conc/],
  [{ kind: "crowded", waiting: 1000 }, "SERVICE_CHECK_FAILED", false, /has 1000 calls waiting for it already/],
  [{ kind: "late", heard: false, got: "nothing" }, "SERVICE_SILENT", false, /did not answer the check within 1\.5 s$/],
  [
    { kind: "late", heard: true, got: "headers" },
    "SERVICE_SILENT",
    false,
    /began .* within 1\.5 s: .* before its message$/,
  ],
  [{ kind: "late", heard: true, got: "part" }, "SERVICE_SILENT", false, /stopped after a part of its message$/],
  [{ kind: "late", heard: true, got: "message" }, "SERVICE_SILENT", false, /its message, before the status$/],
  [
    { kind: "lost", code: "ECONNRESET" },
    "SERVICE_UNREACHABLE",
    false,
    /broke the connection during the check \(ECONNR/,
  ],
  [{ kind: "lost" }, "SERVICE_UNREACHABLE", false, /broke the connection during the check$/],
  [{ kind: "unanswered" }, "SERVICE_UNREACHABLE", false, /it stopped answering, pings too$/],
  [
    { kind: "goaway", httpCode: 11, debug: "slow\u0007" },
    "SERVICE_UNREACHABLE",
    false,
    /GOAWAY with code 11 \(slow\\x07\)$/,
  ],
  [{ kind: "broken", what: "reply" }, "SERVICE_CHECK_FAILED", false, /no HTTP\/2, or with far too many headers$/],
  [{ kind: "broken", what: "headersOfAnotherCall" }, "SERVICE_UNREACHABLE", false, /another call with far too many/],
  [{ kind: "broken", what: "frames" }, "SERVICE_UNREACHABLE", false, /sent what is no HTTP\/2$/],
  [{ kind: "broken", what: "flood" }, "SERVICE_UNREACHABLE", false, /flooded with PING, SETTINGS or empty frames$/],
  [{ kind: "reset", httpCode: 7 }, "SERVICE_NOT_SERVING", false, /refused the check: it takes no more for now/],
  [{ kind: "reset", httpCode: 1 }, "SERVICE_CHECK_FAILED", false, /or answered with what HTTP\/2 does not allow/],
  [{ kind: "reset", httpCode: 6 }, "SERVICE_CHECK_FAILED", false, /may be too long for a header \(RST_STREAM/],
  [{ kind: "reset", httpCode: 11 }, "SERVICE_CHECK_FAILED", false, /or answered with far too many headers/],
  [{ kind: "reset", httpCode: 2 }, "SERVICE_CHECK_FAILED", false, /RST_STREAM with code 2\)$/],
  [{ kind: "headersTooLarge", limit: 65_536 }, "SERVICE_CHECK_FAILED", false, /trailers of more than 65536 bytes$/],
  [
    { kind: "messageTooLarge", of: "reply", bytes: 11, limit: 10 },
    "SERVICE_CHECK_FAILED",
    false,
    /answered with a message of 11 bytes, and its max_message_bytes is 10$/,
  ],
  [
    { kind: "messageTooLarge", of: "request", bytes: 11, limit: 10 },
    "SERVICE_CHECK_FAILED",
    false,
    /was to be sent a message of 11 bytes/,
  ],
  [{ kind: "badFrame", what: "cutOff" }, "SERVICE_CHECK_FAILED", false, /it is cut off$/],
  [{ kind: "unknownEncoding", encoding: "br" }, "SERVICE_CHECK_FAILED", false, /that was not offered: br$/],
  [
    reply(404, "text/html"),
    "SERVICE_WRONG_PROTOCOL",
    false,
    /HTTP status 404 and no gRPC status: is it a gRPC server\?$/,
  ],
  [reply(200, "text/html"), "SERVICE_WRONG_PROTOCOL", false, /answered with content-type text\/html instead of gRPC/],
  [reply(200), "SERVICE_WRONG_PROTOCOL", false, /answered with no content-type instead of gRPC/],
  [reply(503), "SERVICE_NOT_SERVING", false, /answered with HTTP status 503 and no gRPC status$/],
  [reply(403), "SERVICE_CHECK_FAILED", false, /answered with HTTP status 403 and no gRPC status$/],
  [{ kind: "noStatus" }, "SERVICE_CHECK_FAILED", false, /ended the check without a gRPC status$/],
  [
    { kind: "badStatus", text: "x".repeat(9999) },
    "SERVICE_CHECK_FAILED",
    false,
    /with a gRPC status that is no number: "x{200}…\[\+9799 bytes\]"$/,
  ],
  [{ kind: "messageCount", messages: "none" }, "SERVICE_CHECK_FAILED", false, /answered OK without a message$/],
  [
    { kind: "messageCount", messages: "several" },
    "SERVICE_CHECK_FAILED",
    false,
    /answered with more than one message$/,
  ],
  [{ kind: "metadataTooLarge", limit: 10 }, "SERVICE_CHECK_FAILED", true, /its metadata: .* than 10 bytes altogether$/],
  [{ kind: "badMetadata", key: "te" }, "SERVICE_CHECK_FAILED", false, /cannot be sent the metadata "te"$/],
  [{ kind: "cancelled" }, "SERVICE_CHECK_FAILED", false, /the check was cancelled$/],
  [{ kind: "channelClosed" }, "INTERNAL", true, /an executor that is closed$/],
];

describe("a fault of the gRPC client", () => {
  for (const [of, rows] of [
    ["TLS", TLS_ROWS],
    ["a proxy", PROXY_ROWS],
    ["anything else", OTHER_ROWS],
  ] as const) {
    it(`of ${of} has a row of its own, and words that say what to do`, () => {
      for (const row of rows) {
        const [fault, code, isFinal, words] = row;
        const files = row.length === 5 ? row[4] : of === "TLS" ? FILES : undefined;
        const report = describeFault(fault, asked("check", files));
        assert.deepEqual([report.code, report.isFinal], [code, isFinal], JSON.stringify(fault));
        assert.match(report.text, words);
        assert.doesNotMatch(report.text, /\p{Cc}|undefined|start the service/u);
        assert.ok(!/TLS|PROXY/.test(code) || !/nothing listens/.test(report.text));
      }
    });
  }

  it("is never retried where nothing would change: such an outcome has no status", () => {
    for (const [fault, code, isFinal] of [...TLS_ROWS, ...PROXY_ROWS]) {
      const service = serviceAt("far.test:1", { tls: FILES });
      const context = { service, attempt: attemptAt(service), secrets: NONE };
      const end = { code: Code.UNAVAILABLE, message: "", metadata: {}, trailers: {}, sent: false, fault };
      const outcome = outcomeOfEnd(context, end, 1, undefined);
      assert.ok(outcome.outcome === "failed");
      assert.equal(outcome.error.status, isFinal ? undefined : "UNAVAILABLE", JSON.stringify(fault));
      assert.equal(outcome.error.code, code === "SERVICE_UNREACHABLE" ? "CALL_UNAVAILABLE" : code);
    }
  });

  it("of TLS with a proxy tells nothing to do about a service", () => {
    const plain = ["expired", "notYetValid", "authorityExpired", "authorityNotYetValid", "revoked", "notForServers"];
    const bare = ["unknownIssuer", "selfSigned", "clientCertificateRequired", "plaintextPeer"];
    const faults = [
      ...[...plain, ...bare].map((sort) => ({ sort }) as TlsFault),
      ...[[], ["a"]].flatMap((names) => ["h", "::1"].map((host) => ({ sort: "wrongHost", host, names }) as const)),
      { sort: "clientCertificateRefused", alert: "unknown ca" } as const,
      ...["unrecognized name", "handshake failure", "x"].map((alert) => ({ sort: "alert", alert }) as const),
      { sort: "other", code: "ERR_SSL_X" } as const,
      { sort: "unreadableFile", file: "/a.pem", code: "ENOENT" } as const,
      { sort: "emptyFolders", folders: "/a" } as const,
    ];
    for (const fault of faults) {
      const { text } = describeFault(proxy({ sort: "tls", tls: fault }), asked("call", undefined));
      assert.doesNotMatch(text, /service|tls\.|\(\)/, fault.sort);
    }
  });

  it("is one line, whatever a peer or a file puts into it", () => {
    const any = fc.string({ unit: "binary" });
    const fault = fc.oneof(
      any.map((alert) => tls({ sort: "clientCertificateRefused", alert })),
      fc.record({ host: any, names: fc.array(any) }).map((wrong) => tls({ sort: "wrongHost", ...wrong })),
      any.map((file) => tls({ sort: "noCertificate", file })),
      fc.uint8Array({ minLength: 1 }).map((bytes) => saw({ sort: "bytes", bytes })),
      any.map((debug): Fault => ({ kind: "goaway", httpCode: 1, debug })),
      any.map((encoding): Fault => ({ kind: "unknownEncoding", encoding })),
      any.map((contentType) => reply(200, contentType)),
      any.map((host): Fault => ({ kind: "unresolvable", host, code: "ENOTFOUND" })),
      any.map((address) => refused("ENOENT", address)),
    );
    fc.assert(
      fc.property(fault, fc.constantFrom("call", "health check", "check"), (one, what) => {
        assert.doesNotMatch(describeFault(one, asked(what, FILES)).text, /\p{Cc}/u);
      }),
    );
  });
});
