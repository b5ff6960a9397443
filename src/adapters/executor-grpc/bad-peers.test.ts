// The peers that the executor has to survive, each a real server: what a call and what preflight say of it.
import assert from "node:assert/strict";
import { constants } from "node:http2";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ServerCredentials, status } from "@grpc/grpc-js";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import { CERT_FILES, readCerts } from "../../testing/peers/certs.ts";
import {
  END_HEADERS,
  END_STREAM,
  encodeHeaders,
  type FrameConnection,
  FrameType,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { startGrpcPeer } from "../../testing/peers/grpc.ts";
import {
  startAnsweringPeer,
  startGoawayPeer,
  startHttp2WebPeer,
  startNeverAnsweringPeer,
  startResettingPeer,
  startStreamResettingPeer,
} from "../../testing/peers/http2.ts";
import { findRefusedAddress, type RunningPeer } from "../../testing/peers/peer.ts";
import { attemptAt, serviceAt } from "../../testing/peers/service.ts";
import {
  startBannerPeer,
  startHangUpPeer,
  startHttp1Peer,
  startSilentPeer,
  startTlsPeer,
} from "../../testing/peers/tcp.ts";
import type { Service } from "../../workflow/model/service.ts";
import { createSystemClock } from "../system/clock.ts";
import { createGrpcExecutor } from "./executor.ts";

const NEVER = new AbortController().signal;
/** For peers that never answer: in which a connection is made, also where others want the machine. */
const CONNECTED_MS = 1000;
/** Of a call whose time is stepped, or of which nothing is said but that it is over. */
const SHORT_MS = 150;
const AMPLE_MS = 60_000;
const TLS: Partial<Service> = { tls: { caFile: CERT_FILES.ca } };

interface Case {
  readonly title: string;
  readonly start: () => Promise<Pick<RunningPeer, "address" | "close">>;
  readonly service?: Partial<Service>;
  readonly limitMs?: number;
  /** Outcome, code, status and words of a call. */
  readonly call: readonly [outcome: string, code: string, status: string | undefined, words: RegExp];
  /** Code and words of the first finding; undefined where the peer cannot be told from a good one without a call. */
  readonly finding?: readonly [code: string, words: RegExp];
}

const refused = async () => ({ address: await findRefusedAddress(), close: async () => undefined });
const unknownName = async () => ({ address: "no-such-host.invalid:50051", close: async () => undefined });
const tlsService = () => {
  const { serverCert, serverKey } = readCerts();
  const keys = [{ cert_chain: serverCert, private_key: serverKey }];
  return startGrpcPeer({ credentials: ServerCredentials.createSsl(null, keys) });
};

const CASES: readonly Case[] = [
  {
    title: "nothing that listens",
    start: refused,
    call: [
      "failed",
      "CALL_UNAVAILABLE",
      "UNAVAILABLE",
      /could not be reached: connection refused \(127\.0\.0\.1:\d+\): nothing listens there$/,
    ],
    finding: ["SERVICE_UNREACHABLE", /connection refused/],
  },
  {
    title: "a socket that is not there",
    start: async () => ({ address: "unix:/no/such/busbar.sock", close: async () => undefined }),
    call: [
      "failed",
      "CALL_UNAVAILABLE",
      "UNAVAILABLE",
      /could not be reached: there is no socket \/no\/such\/busbar\.sock/,
    ],
    finding: ["SERVICE_UNREACHABLE", /there is no socket/],
  },
  {
    title: "a name that does not resolve",
    start: unknownName,
    call: ["failed", "SERVICE_UNKNOWN_NAME", "UNAVAILABLE", /the host name no-such-host\.invalid does not resolve$/],
    finding: ["SERVICE_UNKNOWN_NAME", /no-such-host\.invalid does not resolve/],
  },
  {
    title: "a port that accepts and stays silent",
    start: startSilentPeer,
    limitMs: CONNECTED_MS,
    call: ["timed_out", "NODE_TIMED_OUT", "DEADLINE_EXCEEDED", /did not answer as a gRPC server/],
    finding: ["SERVICE_SILENT", /did not answer as a gRPC server within 1\.0 s/],
  },
  {
    title: "a server that accepts calls and never answers",
    start: startNeverAnsweringPeer,
    limitMs: CONNECTED_MS,
    call: ["timed_out", "NODE_TIMED_OUT", "DEADLINE_EXCEEDED", /did not answer within 1\.0 s$/],
    finding: ["SERVICE_SILENT", /did not answer the health check within 1\.0 s/],
  },
  {
    title: "a connection that is reset in the middle of a call",
    start: startResettingPeer,
    call: ["failed", "CALL_UNAVAILABLE", "UNAVAILABLE", /broke the connection during the call \(ECONNRESET\)$/],
    finding: ["SERVICE_UNREACHABLE", /broke the connection during the health check/],
  },
  {
    title: "a server that says GOAWAY",
    start: startGoawayPeer,
    call: ["failed", "CALL_UNAVAILABLE", "UNAVAILABLE", /broke the connection during the call/],
    finding: ["SERVICE_UNREACHABLE", /broke the connection during the health check/],
  },
  {
    title: "a stream that is refused",
    start: () => startStreamResettingPeer(constants.NGHTTP2_REFUSED_STREAM),
    limitMs: 1000,
    call: ["failed", "CALL_UNAVAILABLE", "UNAVAILABLE", /refused the call: it takes no more for now/],
  },
  {
    title: "a stream that the service cancels",
    start: () => startStreamResettingPeer(constants.NGHTTP2_CANCEL),
    call: ["failed", "CALL_CANCELLED_BY_SERVICE", "CANCELLED", /gave up the call \(RST_STREAM with code 8\)/],
  },
  {
    title: "a stream that ends with an internal error",
    start: () => startStreamResettingPeer(constants.NGHTTP2_INTERNAL_ERROR),
    call: ["failed", "CALL_INTERNAL", "INTERNAL", /RST_STREAM with code 2/],
  },
  {
    title: "a web server of HTTP/1.1",
    start: startHttp1Peer,
    call: [
      "failed",
      "SERVICE_WRONG_PROTOCOL",
      "UNAVAILABLE",
      /does not speak gRPC; a web server answers with HTTP\/1\.1$/,
    ],
    finding: ["SERVICE_WRONG_PROTOCOL", /a web server answers with HTTP\/1\.1$/],
  },
  {
    title: "a server that greets with a line of its own",
    start: startBannerPeer,
    call: ["failed", "SERVICE_WRONG_PROTOCOL", "UNAVAILABLE", /it answers "220 mail\.example ESMTP"$/],
    finding: ["SERVICE_WRONG_PROTOCOL", /it answers "220 mail\.example ESMTP"$/],
  },
  {
    title: "a port that hangs up",
    start: startHangUpPeer,
    call: ["failed", "SERVICE_WRONG_PROTOCOL", "UNAVAILABLE", /accepts connections and hangs up/],
    finding: ["SERVICE_WRONG_PROTOCOL", /accepts connections and hangs up/],
  },
  {
    title: "a web server of HTTP/2 that is no gRPC server",
    start: startHttp2WebPeer,
    call: ["failed", "SERVICE_WRONG_PROTOCOL", "UNIMPLEMENTED", /answered with HTTP status 404 and no gRPC status/],
    finding: ["SERVICE_WRONG_PROTOCOL", /HTTP status 404 .* is it a gRPC server\?$/],
  },
  {
    title: "TLS where the file has plaintext",
    start: tlsService,
    call: ["failed", "SERVICE_TLS", undefined, /the service expects TLS, but the file has no tls for it$/],
    finding: ["SERVICE_TLS", /the service expects TLS/],
  },
  {
    title: "plaintext where the file has TLS",
    start: startGrpcPeer,
    service: TLS,
    call: ["failed", "SERVICE_TLS", undefined, /the service expects plaintext, but the file has tls for it$/],
    finding: ["SERVICE_TLS", /the service expects plaintext/],
  },
  {
    title: "TLS without HTTP/2",
    start: startTlsPeer,
    service: TLS,
    call: ["failed", "SERVICE_WRONG_PROTOCOL", undefined, /speaks TLS, but not HTTP\/2$/],
    finding: ["SERVICE_WRONG_PROTOCOL", /speaks TLS, but not HTTP\/2$/],
  },
  {
    title: "a reply that is too large",
    start: () => startAnsweringPeer({ messages: [new Uint8Array(5_000_000)] }),
    call: [
      "failed",
      "CALL_RESOURCE_EXHAUSTED",
      "RESOURCE_EXHAUSTED",
      /a message of 5000000 bytes, and its max_message_bytes is 4194304$/,
    ],
  },
  {
    title: "an empty reply",
    start: () => startAnsweringPeer({ messages: [new Uint8Array()] }),
    call: [
      "failed",
      "SERVICE_WRONG_CONTRACT",
      "INTERNAL",
      /answered with neither success nor message: it has another contract/,
    ],
  },
  {
    title: "OK without any reply",
    start: () => startAnsweringPeer({}),
    call: ["failed", "CALL_INTERNAL", "INTERNAL", /answered OK without a message/],
  },
  {
    title: "two replies to one call",
    start: () => startAnsweringPeer({ messages: [new Uint8Array([8, 1]), new Uint8Array([8, 1])] }),
    call: ["failed", "CALL_INTERNAL", "INTERNAL", /more than one message/],
  },
  {
    title: "a reply that is no protobuf",
    start: () => startAnsweringPeer({ messages: [new Uint8Array([0xff, 0xff, 0xff])] }),
    call: ["failed", "SERVICE_WRONG_CONTRACT", "INTERNAL", /3 bytes that are no ExecuteResponse/],
  },
  {
    title: "an answer without a status",
    start: () => startAnsweringPeer({ messages: [new Uint8Array([8, 1])], trailers: {} }),
    call: ["failed", "CALL_INTERNAL", "INTERNAL", /ended the call without a gRPC status$/],
  },
  {
    title: "a status that gRPC does not have",
    start: () => startAnsweringPeer({ trailers: { "grpc-status": "99", "grpc-message": "odd%20one%1b" } }),
    call: ["failed", "CALL_UNKNOWN", "UNKNOWN", /odd one\\x1b \(status 99, which gRPC does not have\)/],
  },
];

describe("executor-grpc and peers that misbehave", () => {
  let executor: Executor;
  beforeEach(() => {
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock: createSystemClock() });
  });
  afterEach(() => executor.close?.());

  for (const { title, start, service: changes, limitMs = AMPLE_MS, call, finding } of CASES) {
    it(`tells a call to ${title} (X2)`, async () => {
      const peer = await start();
      const [kind, code, status, words] = call;
      try {
        const attempt = attemptAt(serviceAt(peer.address, changes), { timeoutMs: limitMs });
        const outcome = await executor.execute(attempt, NEVER);
        assert.equal(outcome.outcome, kind);
        assert.ok(outcome.outcome !== "succeeded");
        assert.equal(outcome.error.code, code, outcome.error.message);
        assert.equal(outcome.error.status, status);
        assert.match(outcome.error.message, words);
        assert.ok(outcome.error.message.startsWith(`analyzer at ${peer.address} `), outcome.error.message);
        assert.doesNotMatch(outcome.error.message, /\p{Cc}/u);
      } finally {
        await peer.close();
      }
    });

    if (finding === undefined) continue;
    it(`finds ${title} before anything is called`, async () => {
      const peer = await start();
      const [code, words] = finding;
      try {
        const options = { timeoutMs: limitMs, waitMs: 0 };
        const findings = await executor.preflight?.(
          { services: [serviceAt(peer.address, changes)], nodes: [] },
          options,
          NEVER,
        );
        assert.equal(findings?.[0]?.code, code, JSON.stringify(findings));
        assert.match(findings?.[0]?.message ?? "", words);
        assert.equal(findings?.[0]?.address, peer.address);
      } finally {
        await peer.close();
      }
    });
  }

  it("sends a call again only where the server says that it has not looked at it, and once (X1, gRFC A6)", async () => {
    const { NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL } = constants;
    for (const [code, times] of [
      [NGHTTP2_REFUSED_STREAM, 2],
      [NGHTTP2_INTERNAL_ERROR, 1],
      [NGHTTP2_CANCEL, 1],
    ] as const) {
      const peer = await startStreamResettingPeer(code);
      const outcome = await executor.execute(attemptAt(serviceAt(peer.address)), NEVER);
      assert.equal(outcome.outcome, "failed");
      assert.equal(peer.calls(), times);
      await peer.close();
    }
  });

  it("goes on to the next call after each of them, on a connection of its own", async () => {
    const bad = await startNeverAnsweringPeer();
    const good = await startGrpcPeer();
    const clock = createSteppingClock();
    await executor.close?.();
    executor = createGrpcExecutor({ secrets: createSecrets(() => undefined), clock });
    const hung = executor.execute(attemptAt(serviceAt(bad.address), { timeoutMs: SHORT_MS }), NEVER);
    await bad.called;
    assert.equal((await executor.execute(attemptAt(serviceAt(good.address)), NEVER)).outcome, "succeeded");
    clock.advance(SHORT_MS);
    assert.equal((await hung).outcome, "timed_out");
    assert.equal(await bad.cancelled, constants.NGHTTP2_CANCEL);
    await Promise.all([bad.close(), good.close()]);
  });

  it("lets a status that no header list can hold end the one call that it belongs to, and no other as it", async () => {
    const all = Promise.withResolvers<void>();
    const waiting = new Set<string>();
    await using peer = await startGrpcPeer({
      async answer({ request: { inputFile } }) {
        waiting.add(inputFile);
        if (waiting.size === 3) all.resolve();
        await all.promise;
        if (inputFile === "big") return { code: status.INTERNAL, details: "\u{1F600}".repeat(20_000) };
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { success: true, message: "" };
      },
    });
    const outcomes = await Promise.all(
      ["big", "a", "b"].map((input_file) =>
        executor.execute(attemptAt(serviceAt(peer.address), { request: { input_file, output_file: "out" } }), NEVER),
      ),
    );
    const [big, ...others] = outcomes.map((one) => (one.outcome === "succeeded" ? "OK" : one.error.status));
    assert.equal(big, "INTERNAL");
    // Lost with it at most, which is retried.
    for (const one of others) assert.ok(one === "OK" || one === "UNAVAILABLE", one);
  });

  it("lets a reply that breaks the connection harm no other call for good, whichever of three it is", async () => {
    const BREAKS: Record<string, (connection: FrameConnection, stream: number) => void> = {
      "bad HPACK": (on, stream) => on.send(FrameType.HEADERS, END_HEADERS | END_STREAM, stream, Buffer.alloc(9, 0xff)),
      "a CONTINUATION flood": (on, stream) => {
        on.send(FrameType.HEADERS, 0, stream, REPLY_HEADERS);
        for (let nth = 0; nth < 2000; nth += 1) on.send(FrameType.CONTINUATION, 0, stream, encodeHeaders([["x", "y"]]));
      },
      "a frame that is too long": (on, stream) => on.send(FrameType.DATA, 0, stream, Buffer.alloc(20_000)),
      "a PING of five bytes": (on) => on.send(FrameType.PING, 0, 0, Buffer.alloc(5)),
      "a RST_STREAM of three": (on, stream) => on.send(FrameType.RST_STREAM, 0, stream, Buffer.alloc(3)),
      "a window that overflows": (on) => {
        for (const _ of "12") on.send(FrameType.WINDOW_UPDATE, 0, 0, Buffer.from([0x7f, 255, 255, 255]));
      },
      "DATA of no stream": (on) => on.send(FrameType.DATA, 0, 0, Buffer.from("x")),
      "HEADERS of a stream that nobody opened": (on) => on.send(FrameType.HEADERS, END_HEADERS, 77, REPLY_HEADERS),
      "no HTTP/2": (on) => void on.socket.write("HTTP/1.1 500 Internal Server Error\r\n\r\n"),
      "a GOAWAY with an error": (on) => on.send(FrameType.GOAWAY, 0, 0, Buffer.from([0x7f, 255, 255, 255, 0, 0, 0, 2])),
      "a reset": (on) => void on.socket.resetAndDestroy(),
    };
    for (const [name, breakIt] of Object.entries(BREAKS)) {
      for (const bad of [0, 1, 2]) {
        const open: { readonly on: FrameConnection; readonly stream: number }[] = [];
        await using peer = await startFramePeer(({ type, flags, stream }, on) => {
          if (type !== FrameType.DATA || (flags & END_STREAM) === 0) return;
          open.push({ on, stream });
          if (open.length > 3) return on.answer(stream, Buffer.from([8, 1]));
          if (open.length < 3) return;
          for (const [nth, call] of open.entries()) if (nth === bad) breakIt(call.on, call.stream);
          // When that has done what it does.
          setTimeout(() => {
            for (const [nth, call] of open.slice(0, 3).entries()) {
              if (nth !== bad) call.on.answer(call.stream, Buffer.from([8, 1]));
            }
          }, 20);
        });
        const attempt = attemptAt(serviceAt(peer.address), { timeoutMs: AMPLE_MS });
        const call = () => executor.execute(attempt, NEVER);
        const outcomes = await Promise.all([call(), call(), call()]);
        const ends = outcomes.map((one) => (one.outcome === "succeeded" ? "OK" : (one.error.status ?? "final")));
        const said = `${name}, call ${bad + 1}: ${ends.join()}`;
        // One call alone is to blame, if it can be told; the others succeed, or are tried again.
        assert.ok(ends.filter((end) => end !== "OK" && end !== "UNAVAILABLE").length <= 1, said);
        assert.ok(
          ends.some((end) => end !== "OK"),
          said,
        );
        assert.equal((await call()).outcome, "succeeded", said);
      }
    }
  });

  it("makes a new connection where the old one never came about", async () => {
    const silent = await startSilentPeer();
    const service = serviceAt(silent.address);
    const first = await executor.execute(attemptAt(service, { timeoutMs: SHORT_MS }), NEVER);
    assert.equal(first.outcome, "timed_out");
    await silent.close();
    const good = await startGrpcPeer({ port: silent.port });
    assert.equal((await executor.execute(attemptAt(service), NEVER)).outcome, "succeeded");
    await good.close();
  });
});
