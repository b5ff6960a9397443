// The client side of gRPC's interop tests (doc/interop-test-descriptions.md) against the server that gRPC itself tests
// with, in Go. It is built with `go build` in src/testing/peers/grpc-go; BUSBAR_GRPC_GO says where the program is.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { CERT_FILES } from "../../testing/peers/certs.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { requirePeer } from "../../testing/require.ts";
import type { ChannelOptions } from "./channel.ts";
import { readBinary, readText } from "./metadata.ts";
import { Code } from "./status.ts";

const go = requirePeer(
  "grpc-go",
  () => process.env.BUSBAR_GRPC_GO,
  "BUSBAR_GRPC_GO does not name a built grpc-go peer",
);

const SERVICE = "/grpc.testing.TestService";
const T = { timeoutMs: 20_000 };
const TRUST = { caFile: CERT_FILES.ca };
const IDENTITY = { certFile: CERT_FILES.clientCert, keyFile: CERT_FILES.clientKey };

// The few messages of grpc.testing, by hand.
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
const bytes = (field: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
const int = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const payload = (field: number, size: number): Buffer => bytes(field, bytes(2, Buffer.alloc(size)));
const simpleRequest = (responseSize: number, bodySize: number, more: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([int(2, responseSize), payload(3, bodySize), more]);
const echoStatus = (code: number, message: string): Buffer =>
  bytes(7, Buffer.concat([int(1, code), bytes(2, Buffer.from(message))]));
/** A response's payload of so many bytes is that many and a few longer. */
const assertSize = (message: Uint8Array | undefined, size: number): void =>
  assert.ok(message !== undefined && message.length > size && message.length < size + 16, `${message?.length}`);

describe("interop with grpc-go", { skip: go.skip }, () => {
  const addresses = new Map<string, string>();
  let stop = (): void => undefined;
  before(async () => {
    const child = spawn(go.found ? go.peer : "", [CERT_FILES.ca.replace(/ca\.pem$/, "")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    stop = () => child.stdin.end();
    let text = "";
    while (text.split("\n").length < 7) text += String((await once(child.stdout, "data"))[0]);
    for (const line of text.trim().split("\n")) {
      const [name = "", address = ""] = line.split(" ");
      addresses.set(name, address);
    }
  });
  after(() => stop());
  const open = (name: string, options: Partial<ChannelOptions> = {}) => channelTo(addresses.get(name) ?? "", options);

  const WAYS: readonly (readonly [string, Partial<ChannelOptions>])[] = [
    ["plain", {}],
    ["tls", { tls: TRUST }],
    ["mtls-303", { tls: { ...TRUST, ...IDENTITY } }],
    ["mtls-304", { tls: { ...TRUST, ...IDENTITY } }],
  ];
  for (const [name, options] of WAYS) {
    describe(`over ${name}`, () => {
      it("empty_unary, large_unary", async () => {
        using channel = open(name, options);
        const empty = await channel.unary(`${SERVICE}/EmptyCall`, Buffer.alloc(0), T);
        assert.deepEqual([empty.code, empty.reply?.length], [Code.OK, 0]);
        assertSize((await channel.unary(`${SERVICE}/UnaryCall`, simpleRequest(314_159, 271_828), T)).reply, 314_159);
      });

      it("client_streaming, server_streaming, ping_pong, empty_stream", async () => {
        using channel = open(name, options);
        const gather = channel.open(`${SERVICE}/StreamingInputCall`, T);
        for (const size of [27_182, 8, 1828, 45_904]) await gather.write(payload(1, size));
        gather.finishWriting();
        assert.deepEqual(await gather.read(), int(1, 74_922));
        const spread = channel.open(`${SERVICE}/StreamingOutputCall`, T);
        const sizes = [31_415, 9, 2653, 58_979];
        await spread.write(Buffer.concat(sizes.map((size) => bytes(2, int(1, size)))));
        spread.finishWriting();
        for (const size of sizes) assertSize(await spread.read(), size);
        assert.equal(await spread.read(), undefined);
        const talk = channel.open(`${SERVICE}/FullDuplexCall`, T);
        for (const [nth, size] of sizes.entries()) {
          await talk.write(Buffer.concat([bytes(2, int(1, size)), payload(3, [27_182, 8, 1828, 45_904][nth] ?? 0)]));
          assertSize(await talk.read(), size);
        }
        talk.finishWriting();
        const nothing = channel.open(`${SERVICE}/FullDuplexCall`, T);
        nothing.finishWriting();
        for (const stream of [gather, spread, talk, nothing]) {
          assert.equal(await stream.read(), undefined);
          assert.equal((await stream.end).code, Code.OK);
        }
      });

      it("cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server", async () => {
        using channel = open(name, options);
        const begun = channel.open(`${SERVICE}/StreamingInputCall`, T);
        begun.cancel();
        assert.equal((await begun.end).code, Code.CANCELLED);
        const talk = channel.open(`${SERVICE}/FullDuplexCall`, T);
        await talk.write(Buffer.concat([bytes(2, int(1, 31_415)), payload(3, 27_182)]));
        assertSize(await talk.read(), 31_415);
        talk.cancel();
        assert.equal((await talk.end).code, Code.CANCELLED);
        for (const timeoutMs of [1, 2, 5, 20]) {
          const late = channel.open(`${SERVICE}/FullDuplexCall`, { timeoutMs });
          assert.equal(await late.read(), undefined);
          assert.equal((await late.end).code, Code.DEADLINE_EXCEEDED);
        }
      });

      it("custom_metadata, status_code_and_message, special_status_message, unimplemented_method and _service", async () => {
        using channel = open(name, options);
        const trailing = Buffer.from([0xab, 0xab, 0xab]);
        const metadata = [
          ["x-grpc-test-echo-initial", "test_initial_metadata_value"],
          ["x-grpc-test-echo-trailing-bin", trailing],
        ] as const;
        const echoed = await channel.unary(`${SERVICE}/UnaryCall`, simpleRequest(1, 1), { ...T, metadata });
        assert.equal(readText(echoed.metadata, "x-grpc-test-echo-initial"), "test_initial_metadata_value");
        assert.deepEqual(readBinary(echoed.trailers, "x-grpc-test-echo-trailing-bin"), [trailing]);
        const special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
        for (const words of ["test status message", special]) {
          const request = simpleRequest(1, 1, echoStatus(2, words));
          const { code, message, fault } = await channel.unary(`${SERVICE}/UnaryCall`, request, T);
          assert.deepEqual([code, message, fault], [Code.UNKNOWN, words, undefined]);
        }
        for (const path of [`${SERVICE}/UnimplementedCall`, "/grpc.testing.UnimplementedService/UnimplementedCall"]) {
          assert.equal((await channel.unary(path, Buffer.alloc(0), T)).code, Code.UNIMPLEMENTED);
        }
      });
    });
  }

  it("tells a client certificate that is wanted from one that is refused, in TLS 1.2 and 1.3", async () => {
    for (const version of ["303", "304"]) {
      const own = { ...TRUST, ...IDENTITY };
      const cases = [
        [`mtls-${version}`, TRUST, { sort: "clientCertificateRequired" }],
        [`other-${version}`, own, { sort: "clientCertificateRefused", alert: "unknown ca" }],
      ] as const;
      for (const [name, tls, expected] of cases) {
        using channel = open(name, { tls });
        const { code, fault } = await channel.unary(`${SERVICE}/EmptyCall`, Buffer.alloc(0), T);
        assert.equal(code, Code.UNAVAILABLE);
        assert.deepEqual(fault, { kind: "tls", address: addresses.get(name), tls: expected });
      }
    }
  });
});
