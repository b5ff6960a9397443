// The client side of gRPC's interop tests, by the names that they have there (doc/interop-test-descriptions.md), on any
// server of theirs. Left out: what compresses requests (client_compressed_*), which our client does not do; GET
// (cacheable_unary); credentials of clouds, ORCA and xDS.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ChannelOptions } from "../adapters/grpc-client/channel.ts";
import type { Fault } from "../adapters/grpc-client/fault.ts";
import { readBinary, readText } from "../adapters/grpc-client/metadata.ts";
import { Code } from "../adapters/grpc-client/status.ts";
import { CERT_FILES } from "./peers/certs.ts";
import { channelTo } from "./peers/grpc-client.ts";
import {
  encodeInput,
  encodeSimpleRequest,
  encodeStreamingRequest,
  readAggregate,
  readResponse,
  type SimpleRequest,
  type StreamingRequest,
} from "./peers/interop-messages.ts";
import { ECHO_INITIAL, ECHO_TRAILING, INTEROP_SERVICE, type InteropServer } from "./peers/interop-server.ts";

export interface InteropHarness {
  /** Why there is no such server here, or false. */
  readonly skip: string | false;
  start(): Promise<InteropServer>;
  /** Ways to connect beside plaintext, TLS and mutual TLS of its newest version; each is mutual TLS. */
  readonly moreWays?: readonly string[];
  /** What it can compress when asked to: answers of unary calls, and of streams one and not the next. */
  readonly compresses: readonly ("unary" | "streams")[];
  /** Ways that want a certificate by a CA that did not sign ours, and what comes of none and of ours. */
  readonly refusals: Readonly<Record<string, (address: string) => { readonly none: Fault; readonly ours: Fault }>>;
}

const T = { timeoutMs: 20_000 };
const TRUST = { caFile: CERT_FILES.ca };
const MUTUAL = { ...TRUST, certFile: CERT_FILES.clientCert, keyFile: CERT_FILES.clientKey };
const LARGE: SimpleRequest = { responseSize: 314_159, payload: 271_828 };
const REQUEST_SIZES = [27_182, 8, 1828, 45_904];
const RESPONSE_SIZES = [31_415, 9, 2653, 58_979];
/** How often the soak tests go round, as of the description. */
const SOAK_ITERATIONS = 10;

type TestChannel = ReturnType<typeof channelTo>;

export function describeInterop(name: string, harness: InteropHarness): void {
  describe(`interop with ${name}`, { skip: harness.skip }, () => {
    let server: InteropServer;
    before(async () => {
      server = await harness.start();
    });
    after(() => server.close());
    const addressOf = (way: string): string => {
      const address = server.addresses.get(way);
      assert.ok(address !== undefined, `the server has no way ${way}`);
      return address;
    };

    const ways: readonly (readonly [string, Partial<ChannelOptions>])[] = [
      ["plain", {}],
      ["tls", { tls: TRUST }],
      ...["mtls", ...(harness.moreWays ?? [])].map((way) => [way, { tls: MUTUAL }] as const),
    ];
    for (const [way, options] of ways) {
      describe(`over ${way}`, () => {
        describeCases(() => channelTo(addressOf(way), options), harness.compresses);
      });
    }

    for (const [way, refusal] of Object.entries(harness.refusals)) {
      it(`refuses over ${way} a client without a certificate, and one whose CA it does not know`, async () => {
        const address = addressOf(way);
        const { none, ours } = refusal(address);
        for (const [tls, expected] of [[TRUST, none] as const, [MUTUAL, ours] as const]) {
          using channel = channelTo(address, { tls });
          const { code, fault } = await channel.unary(`${INTEROP_SERVICE}/EmptyCall`, Buffer.alloc(0), T);
          assert.deepEqual([code, fault], [Code.UNAVAILABLE, expected]);
        }
      });
    }
  });
}

function describeCases(open: () => TestChannel, compresses: InteropHarness["compresses"]): void {
  const unary = (channel: TestChannel, request: SimpleRequest, options = {}) =>
    channel.unary(`${INTEROP_SERVICE}/UnaryCall`, encodeSimpleRequest(request), { ...T, ...options });
  const talkOn = (channel: TestChannel, options = {}) => {
    const stream = channel.open(`${INTEROP_SERVICE}/FullDuplexCall`, { ...T, ...options });
    return { ...stream, ask: (request: StreamingRequest) => stream.write(encodeStreamingRequest(request)) };
  };
  const callLarge = async (channel: TestChannel): Promise<void> => {
    const { code, reply, fault } = await unary(channel, LARGE);
    assert.deepEqual([code, readResponse(reply), fault], [Code.OK, 314_159, undefined]);
  };

  it("empty_unary", async () => {
    using channel = open();
    const { code, reply } = await channel.unary(`${INTEROP_SERVICE}/EmptyCall`, Buffer.alloc(0), T);
    assert.deepEqual([code, reply?.length], [Code.OK, 0]);
  });

  it("large_unary", async () => {
    using channel = open();
    await callLarge(channel);
  });

  it("concurrent_large_unary", async () => {
    using channel = open();
    await Promise.all(Array.from({ length: 20 }, () => callLarge(channel)));
  });

  it("rpc_soak", async () => {
    using channel = open();
    for (let nth = 0; nth < SOAK_ITERATIONS; nth += 1) await callLarge(channel);
  });

  it("channel_soak", async () => {
    for (let nth = 0; nth < SOAK_ITERATIONS; nth += 1) {
      using channel = open();
      await callLarge(channel);
    }
  });

  if (compresses.includes("unary")) {
    it("server_compressed_unary", async () => {
      using channel = open();
      for (const responseCompressed of [true, false]) {
        const { code, reply, metadata } = await unary(channel, { ...LARGE, responseCompressed });
        assert.deepEqual([code, readResponse(reply)], [Code.OK, 314_159]);
        assert.equal(readText(metadata, "grpc-encoding") === "gzip", responseCompressed);
        // On the wire as well: how large a compressed message becomes is not known when it becomes too large.
        const maxMessageBytes = 1000;
        const { fault } = await unary(channel, { responseSize: 314_159, responseCompressed }, { maxMessageBytes });
        assert.ok(fault?.kind === "messageTooLarge");
        assert.equal(fault.bytes === maxMessageBytes + 1, responseCompressed, `${fault.bytes} B`);
      }
    });
  }

  it("client_streaming", async () => {
    using channel = open();
    const stream = channel.open(`${INTEROP_SERVICE}/StreamingInputCall`, T);
    for (const size of REQUEST_SIZES) await stream.write(encodeInput(size));
    stream.finishWriting();
    assert.equal(readAggregate(await stream.read()), 74_922);
    assert.equal(await stream.read(), undefined);
    assert.equal((await stream.end).code, Code.OK);
  });

  it("server_streaming", async () => {
    using channel = open();
    const stream = channel.open(`${INTEROP_SERVICE}/StreamingOutputCall`, T);
    await stream.write(encodeStreamingRequest({ responses: RESPONSE_SIZES.map((size) => ({ size })) }));
    stream.finishWriting();
    for (const size of RESPONSE_SIZES) assert.equal(readResponse(await stream.read()), size);
    assert.equal(await stream.read(), undefined);
    assert.equal((await stream.end).code, Code.OK);
  });

  if (compresses.includes("streams")) {
    it("server_compressed_streaming", async () => {
      using channel = open();
      const stream = channel.open(`${INTEROP_SERVICE}/StreamingOutputCall`, T);
      const responses = [
        { size: 31_415, compressed: true },
        { size: 92_653, compressed: false },
      ];
      await stream.write(encodeStreamingRequest({ responses }));
      stream.finishWriting();
      for (const { size } of responses) assert.equal(readResponse(await stream.read()), size);
      assert.equal(await stream.read(), undefined);
      const { code, metadata } = await stream.end;
      assert.deepEqual([code, readText(metadata, "grpc-encoding")], [Code.OK, "gzip"]);
    });
  }

  it("ping_pong", async () => {
    using channel = open();
    const stream = talkOn(channel);
    for (const [nth, size] of RESPONSE_SIZES.entries()) {
      await stream.ask({ responses: [{ size }], payload: REQUEST_SIZES[nth] ?? 0 });
      assert.equal(readResponse(await stream.read()), size);
    }
    stream.finishWriting();
    assert.equal(await stream.read(), undefined);
    assert.equal((await stream.end).code, Code.OK);
  });

  it("empty_stream", async () => {
    using channel = open();
    const stream = talkOn(channel);
    stream.finishWriting();
    assert.equal(await stream.read(), undefined);
    assert.equal((await stream.end).code, Code.OK);
  });

  it("custom_metadata", async () => {
    using channel = open();
    const bytes = Buffer.from([0xab, 0xab, 0xab]);
    const metadata = [
      [ECHO_INITIAL, "test_initial_metadata_value"],
      [ECHO_TRAILING, bytes],
    ] as const;
    const stream = talkOn(channel, { metadata });
    await stream.ask({ responses: [{ size: 314_159 }], payload: 271_828 });
    assert.equal(readResponse(await stream.read()), 314_159);
    stream.finishWriting();
    assert.equal(await stream.read(), undefined);
    for (const end of [await unary(channel, LARGE, { metadata }), await stream.end]) {
      assert.equal(end.code, Code.OK);
      assert.equal(readText(end.metadata, ECHO_INITIAL), "test_initial_metadata_value");
      assert.deepEqual(readBinary(end.trailers, ECHO_TRAILING), [bytes]);
    }
  });

  it("status_code_and_message", async () => {
    using channel = open();
    const responseStatus = { code: Code.UNKNOWN, message: "test status message" };
    const stream = talkOn(channel);
    await stream.ask({ responseStatus });
    assert.equal(await stream.read(), undefined);
    for (const { code, message, fault } of [await unary(channel, { responseStatus }), await stream.end]) {
      assert.deepEqual([{ code, message }, fault], [responseStatus, undefined]);
    }
  });

  it("special_status_message", async () => {
    using channel = open();
    const text = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const responseStatus = { code: Code.UNKNOWN, message: text };
    const { code, message, fault } = await unary(channel, { responseStatus });
    assert.deepEqual([{ code, message }, fault], [responseStatus, undefined]);
  });

  for (const [title, path] of [
    ["unimplemented_method", `${INTEROP_SERVICE}/UnimplementedCall`],
    ["unimplemented_service", "/grpc.testing.UnimplementedService/UnimplementedCall"],
  ] as const) {
    it(title, async () => {
      using channel = open();
      const { code, fault } = await channel.unary(path, Buffer.alloc(0), T);
      assert.deepEqual([code, fault], [Code.UNIMPLEMENTED, undefined]);
    });
  }

  it("cancel_after_begin", async () => {
    using channel = open();
    const begin = () => channel.open(`${INTEROP_SERVICE}/StreamingInputCall`, T);
    const beforeConnected = begin();
    beforeConnected.cancel();
    assert.deepEqual([(await beforeConnected.end).code, (await beforeConnected.end).sent], [Code.CANCELLED, false]);
    await callLarge(channel);
    const begun = begin();
    begun.cancel();
    assert.deepEqual([(await begun.end).code, (await begun.end).sent], [Code.CANCELLED, true]);
    await callLarge(channel);
  });

  it("cancel_after_first_response", async () => {
    using channel = open();
    const stream = talkOn(channel);
    await stream.ask({ responses: [{ size: 31_415 }], payload: 27_182 });
    assert.equal(readResponse(await stream.read()), 31_415);
    stream.cancel();
    assert.equal((await stream.end).code, Code.CANCELLED);
    // The connection serves on.
    await callLarge(channel);
  });

  it("timeout_on_sleeping_server", async () => {
    using channel = open();
    for (const timeoutMs of [1, 2, 5, 20]) {
      const stream = talkOn(channel, { timeoutMs });
      await stream.ask({ payload: 27_182 });
      assert.equal(await stream.read(), undefined);
      assert.equal((await stream.end).code, Code.DEADLINE_EXCEEDED);
    }
  });
}
