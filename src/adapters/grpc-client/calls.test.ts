// Calls of every kind against a server of grpc-js: the kinds of gRPC's interop tests.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import {
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import fc from "fast-check";
import { createSteppingClock } from "../../kernel/clock.ts";
import {
  END_HEADERS,
  END_STREAM,
  encodeHeaders,
  FrameType,
  REPLY_HEADERS,
  startFramePeer,
} from "../../testing/peers/frames.ts";
import { channelTo } from "../../testing/peers/grpc-client.ts";
import { startAnsweringPeer, startHttp2Peer } from "../../testing/peers/http2.ts";
import { until } from "../../testing/until.ts";
import { readBinary, readText } from "./metadata.ts";
import { Code } from "./status.ts";

const bytes = (value: Buffer): Buffer => value;
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});
const ECHO: ServiceDefinition = {
  Unary: method("Unary", false, false),
  Gather: method("Gather", true, false),
  Spread: method("Spread", false, true),
  Talk: method("Talk", true, true),
};

async function startEcho(handlers: Record<string, UntypedHandleCall>) {
  const server = new Server({ "grpc.enable_channelz": 0, "grpc.max_receive_message_length": -1 });
  server.addService(ECHO, handlers as never);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, [Symbol.dispose]: () => server.forceShutdown() };
}

// biome-ignore lint/suspicious/noExplicitAny: handlers of four kinds, each told by its name
type Handler = (call: any, callback?: any) => void;
const echo: Handler = (call, callback) => callback(null, call.request);
/** Not meant to be reached but where time is stepped. */
const TIMEOUT = { timeoutMs: 60_000 };

describe("a unary call", () => {
  it("carries messages of any size up to the limit, and empty ones", async () => {
    using server = await startEcho({ Unary: echo });
    using channel = channelTo(server.address);
    for (const size of [0, 1, 16_384, 65_535, 65_536, 271_828, 4 * 1024 * 1024]) {
      const request = Buffer.alloc(size, "x");
      const result = await channel.unary("/test.Echo/Unary", request, TIMEOUT);
      assert.equal(result.code, Code.OK, `${size}: ${JSON.stringify(result.fault)}`);
      assert.ok(request.equals(result.reply ?? Buffer.alloc(1)));
    }
    const { code, fault, sent } = await channel.unary("/test.Echo/Unary", Buffer.alloc(101), {
      ...TIMEOUT,
      maxMessageBytes: 100,
    });
    assert.equal(code, Code.RESOURCE_EXHAUSTED);
    assert.deepEqual(fault, { kind: "messageTooLarge", of: "request", bytes: 101, limit: 100 });
    assert.equal(sent, false);
  });

  it("carries metadata both ways, text and bytes", async () => {
    const unary: Handler = (call, callback) => {
      const initial = new Metadata();
      initial.set("x-echo", String(call.metadata.get("x-text")[0]));
      call.sendMetadata(initial);
      const trailing = new Metadata();
      for (const value of call.metadata.get("x-bytes-bin")) trailing.add("x-echo-bin", value);
      callback(null, call.request, trailing);
    };
    using server = await startEcho({ Unary: unary });
    using channel = channelTo(server.address);
    const values = [Buffer.from([0, 255, 10]), Buffer.from([1])];
    const metadata = [["x-text", "a, b"], ...values.map((value) => ["x-bytes-bin", value] as const)] as const;
    const result = await channel.unary("/test.Echo/Unary", Buffer.from("m"), { ...TIMEOUT, metadata });
    assert.equal(readText(result.metadata, "x-echo"), "a, b");
    assert.deepEqual(readBinary(result.trailers, "x-echo-bin"), values);
  });

  it("gives texts that begin or end with a space, as servers of Go and of the C core send them", async () => {
    await using peer = await startFramePeer((frame, connection) => {
      if (frame.type !== FrameType.DATA || (frame.flags & END_STREAM) === 0) return;
      const trailers = encodeHeaders([
        ["grpc-status", "3"],
        ["grpc-message", " bad file: "],
        ["x-why", "none "],
      ]);
      connection.send(FrameType.HEADERS, END_HEADERS, frame.stream, REPLY_HEADERS);
      connection.send(FrameType.HEADERS, END_HEADERS | END_STREAM, frame.stream, trailers);
    });
    using channel = channelTo(peer.address);
    const { code, message, trailers } = await channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    assert.equal(code, Code.INVALID_ARGUMENT);
    assert.equal(message, " bad file: ");
    assert.equal(readText(trailers, "x-why"), "none ");
  });

  it("carries texts without the spaces around them, as servers that are strict drop those with any", async () => {
    const unary: Handler = (call, callback) => callback(null, Buffer.from(JSON.stringify(call.metadata.get("token"))));
    using server = await startEcho({ Unary: unary });
    using channel = channelTo(server.address);
    const metadata = [
      ["token", " Bearer abc "],
      ["token", "def  "],
    ] as const;
    const { reply } = await channel.unary("/test.Echo/Unary", Buffer.from("m"), { ...TIMEOUT, metadata });
    assert.equal(String(reply), JSON.stringify(["Bearer abc, def"]));
  });

  it("sends several values of any key, also of those that HTTP knows with one", { timeout: 20_000 }, async () => {
    await using peer = await startHttp2Peer((stream, _session, headers) => {
      const sent = headers.filter((_, at) => ["etag", "x"].includes(headers[at - 1] ?? ""));
      stream.respond({
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": "3",
        "grpc-message": sent.join(),
      });
      stream.end();
    });
    using channel = channelTo(peer.address);
    const metadata = ["a", "b"].flatMap((value) => [["etag", value] as const, ["x", value] as const]);
    const { message } = await channel.unary("/test.Echo/Unary", Buffer.from("m"), { ...TIMEOUT, metadata });
    assert.equal(message, "a, b,a, b");
  });

  it("gives the server's status, its words and its details, and no fault of ours", async () => {
    const words = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n100%";
    const details = Buffer.from([8, 5]);
    const unary: Handler = (_call, callback) => {
      const metadata = new Metadata();
      metadata.set("grpc-status-details-bin", details);
      callback({ code: status.FAILED_PRECONDITION, details: words, metadata });
    };
    using server = await startEcho({ Unary: unary });
    using channel = channelTo(server.address);
    const result = await channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    assert.equal(result.code, Code.FAILED_PRECONDITION);
    assert.equal(result.message, words);
    assert.deepEqual(readBinary(result.trailers, "grpc-status-details-bin"), [details]);
    assert.equal(result.fault, undefined);
    const unknown = await channel.unary("/test.Echo/Nothing", Buffer.from("m"), TIMEOUT);
    assert.equal(unknown.code, Code.UNIMPLEMENTED);
    assert.equal(unknown.fault, undefined);
  });

  it("reads gzip replies, and not those that would become too large", async () => {
    // The server of grpc-js compresses nothing.
    const headers = { "grpc-encoding": "gzip" };
    for (const size of [0, 1, 1000, 100_000, 100_001, 50_000_000]) {
      const message = gzipSync(Buffer.alloc(size, "z"));
      await using peer = await startAnsweringPeer({ headers, messages: [message], compressed: true });
      using channel = channelTo(peer.address);
      const options = { ...TIMEOUT, maxMessageBytes: 100_000 };
      const { code, reply, fault } = await channel.unary("/test.Echo/Unary", Buffer.from("m"), options);
      if (size <= 100_000) assert.deepEqual([code, reply?.length], [Code.OK, size]);
      else assert.deepEqual([code, fault?.kind], [Code.RESOURCE_EXHAUSTED, "messageTooLarge"]);
    }
  });

  it("ends by its deadline, which the server knows as well, and by its caller, of whom the server hears", async () => {
    const cancelled: Promise<void>[] = [];
    const deadlines: number[] = [];
    const unary: Handler = (call) => {
      cancelled.push(new Promise((resolve) => call.on("cancelled", resolve)));
      deadlines.push(Number(call.getDeadline()) - Date.now());
    };
    using server = await startEcho({ Unary: unary });
    const clock = createSteppingClock();
    using channel = channelTo(server.address, { clock });
    const waiting = channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    await until(() => cancelled.length === 1);
    // Long before the server, whose time does not leap, would end it.
    clock.advance(TIMEOUT.timeoutMs);
    const late = await waiting;
    assert.equal(late.code, Code.DEADLINE_EXCEEDED);
    assert.equal(late.fault?.kind, "late");
    assert.ok((deadlines[0] ?? Number.NaN) <= TIMEOUT.timeoutMs);
    const caller = new AbortController();
    const calling = channel.unary("/test.Echo/Unary", Buffer.from("m"), { ...TIMEOUT, signal: caller.signal });
    await until(() => cancelled.length >= 2);
    caller.abort();
    assert.deepEqual([(await calling).code, (await calling).fault], [Code.CANCELLED, { kind: "cancelled" }]);
    await Promise.all(cancelled);
    const never = await channel.unary("/test.Echo/Unary", Buffer.from("m"), {
      ...TIMEOUT,
      signal: AbortSignal.abort(),
    });
    assert.deepEqual([never.code, never.sent], [Code.CANCELLED, false]);
  });

  it("fails at once on metadata that cannot travel, and on a channel that is closed", async () => {
    using server = await startEcho({ Unary: echo });
    const channel = channelTo(server.address);
    const bad = await channel.unary("/test.Echo/Unary", Buffer.from("m"), { metadata: [["x", "a\nb"]] });
    assert.deepEqual(bad.fault, { kind: "badMetadata", key: "x" });
    channel.close();
    const late = await channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    assert.deepEqual([late.code, late.fault], [Code.UNAVAILABLE, { kind: "channelClosed" }]);
  });

  it("carries as much metadata as HTTP/2 takes, and says so of more, before anything is sent", async () => {
    // Has no limit of its own, as servers do.
    await using peer = await startFramePeer(({ type, flags, stream }, connection) => {
      if (type === FrameType.DATA && (flags & END_STREAM) !== 0) connection.answer(stream, Buffer.from("m"));
    });
    using channel = channelTo(peer.address);
    const sizes = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const metadata = lengths.map((length, nth) => [`x-${nth}`, "v".repeat(length)] as const);
        const { code, fault, sent } = await channel.unary("/test.Echo/Unary", Buffer.from("m"), {
          ...TIMEOUT,
          metadata,
        });
        if (fault === undefined) assert.equal(code, Code.OK);
        else assert.deepEqual([fault, sent], [{ kind: "metadataTooLarge", limit: 61_440 }, false]);
        const bytes = lengths.reduce((sum, length) => sum + length, 0);
        if (bytes < 50_000) assert.equal(code, Code.OK);
      }),
      { numRuns: 40, examples: [[[61_440 - 32 - "x-0".length]], [Array.from({ length: 1600 }, () => 0)]] },
    );
  });

  it("goes on to its end when the channel is closed under it", async () => {
    const unary: Handler = (call, callback) => setTimeout(() => callback(null, call.request), 100);
    using server = await startEcho({ Unary: unary });
    const channel = channelTo(server.address);
    await channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    const calling = channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT);
    channel.close();
    assert.equal((await calling).code, Code.OK);
  });

  it("is refused by the request's own size where metadata is beyond all limits, alone", async () => {
    using server = await startEcho({ Unary: echo });
    using channel = channelTo(server.address);
    const metadata = [["x", "y".repeat(200_000)]] as const;
    const result = await channel.unary("/test.Echo/Unary", Buffer.from("m"), { ...TIMEOUT, metadata });
    assert.notEqual(result.code, Code.OK);
    assert.ok(result.fault !== undefined);
    assert.equal((await channel.unary("/test.Echo/Unary", Buffer.from("m"), TIMEOUT)).code, Code.OK);
  });
});

describe("a stream", () => {
  const talk: Handler = (call) => {
    call.on("data", (message: Buffer) => call.write(message));
    call.on("end", () => call.end());
  };

  it("takes and gives in turn", async () => {
    using server = await startEcho({ Talk: talk });
    using channel = channelTo(server.address);
    const stream = channel.open("/test.Echo/Talk", TIMEOUT);
    for (const text of ["one", "two", "", "x".repeat(100_000)]) {
      await stream.write(Buffer.from(text));
      assert.equal(Buffer.from((await stream.read()) ?? "none").toString(), text);
    }
    stream.finishWriting();
    assert.equal(await stream.read(), undefined);
    assert.equal((await stream.end).code, Code.OK);
  });

  it("gathers many messages into one, and spreads one to many, read only as they are asked for", async () => {
    const gather: Handler = (call, callback) => {
      let size = 0;
      call.on("data", (message: Buffer) => {
        size += message.length;
      });
      call.on("end", () => callback(null, Buffer.from(String(size))));
    };
    let sent = 0;
    const spread: Handler = async (call) => {
      for (; sent < 1000; sent += 1) {
        if (!call.write(Buffer.alloc(100_000, sent % 256))) await new Promise((resolve) => call.once("drain", resolve));
      }
      call.end();
    };
    using server = await startEcho({ Gather: gather, Spread: spread });
    using channel = channelTo(server.address);
    const gathering = channel.open("/test.Echo/Gather", TIMEOUT);
    for (const size of [27_182, 8, 1828, 45_904]) await gathering.write(Buffer.alloc(size));
    gathering.finishWriting();
    assert.equal(Buffer.from((await gathering.read()) ?? "").toString(), "74922");
    assert.equal(await gathering.read(), undefined);

    const spreading = channel.open("/test.Echo/Spread", TIMEOUT);
    await spreading.write(Buffer.from("go"));
    spreading.finishWriting();
    assert.equal((await spreading.read())?.[0], 0);
    await sleep(100);
    assert.ok(sent < 200, `${sent} were sent to a reader that took one`);
    for (let nth = 1; nth < 1000; nth += 1) assert.equal((await spreading.read())?.[0], nth % 256);
    assert.equal(await spreading.read(), undefined);
    assert.equal((await spreading.end).code, Code.OK);
  });

  it("ends with the server's status, what came before it first", async () => {
    const fails: Handler = (call) => {
      call.write(Buffer.from("one"));
      call.emit("error", { code: status.ABORTED, details: "no more" });
    };
    using server = await startEcho({ Talk: fails });
    using channel = channelTo(server.address);
    const stream = channel.open("/test.Echo/Talk", TIMEOUT);
    await stream.write(Buffer.from("hello"));
    assert.equal(Buffer.from((await stream.read()) ?? "").toString(), "one");
    assert.equal(await stream.read(), undefined);
    const { code, message } = await stream.end;
    assert.deepEqual([code, message], [Code.ABORTED, "no more"]);
    assert.equal(await stream.read(), undefined);
    await stream.write(Buffer.from("after its end"));
  });

  it("ends without being read where nothing is to be read", async () => {
    using server = await startEcho({ Talk: talk });
    using channel = channelTo(server.address);
    const stream = channel.open("/test.Echo/Talk", TIMEOUT);
    stream.finishWriting();
    assert.equal((await stream.end).code, Code.OK);
    assert.equal(await stream.read(), undefined);
  });

  it("ends by its caller and by its deadline, with a read that waits", async () => {
    using server = await startEcho({ Talk: () => undefined });
    using channel = channelTo(server.address);
    const stream = channel.open("/test.Echo/Talk", TIMEOUT);
    const reading = stream.read();
    setTimeout(stream.cancel, 20);
    assert.equal(await reading, undefined);
    assert.equal((await stream.end).code, Code.CANCELLED);
    const late = channel.open("/test.Echo/Talk", { timeoutMs: 50 });
    assert.equal(await late.read(), undefined);
    assert.equal((await late.end).code, Code.DEADLINE_EXCEEDED);
  });
});
