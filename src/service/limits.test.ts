// What is too large, too much or too silent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { startForTest } from "../testing/started-service.ts";
import { until } from "../testing/until.ts";
import type { CallContext } from "./context.ts";
import type { Execute } from "./execute.ts";
import { createJsonLog } from "./log.ts";

const MIB = 1024 * 1024;

describe("a reply", () => {
  for (const [says, unit, times] of [
    ["5 MB", "x", 5_000_000],
    ["of 3-byte characters", "電", 2_000_000],
    ["of characters that end on no even byte", "ab😀", 1_500_000],
  ] as const) {
    it(`of work that was done is a success however long its message is: ${says}`, async (test) => {
      const text = unit.repeat(times);
      const { client, lines } = await startForTest(test, () => text);
      const { success, message } = await client.execute("a", "b");
      assert.equal(success, true);
      const [, kept = "", missing] = /^(.*)…\[\+(\d+) bytes\]$/s.exec(message) ?? [];
      assert.ok(text.startsWith(kept) && kept.isWellFormed());
      assert.equal(Buffer.byteLength(kept) + Number(missing), Buffer.byteLength(text));
      assert.ok(Buffer.byteLength(message) > 4 * MIB - 100);
      assert.ok(Buffer.byteLength(JSON.stringify(lines.at(-1))) < 16 * 1024);
    });
  }

  it("of a failure is cut as well, and to a smaller size where that is wanted", async (test) => {
    const { client } = await startForTest(test, () => Promise.reject(new Error("x".repeat(9000))), {
      maxMessageBytes: 2048,
    });
    const { success, message } = await client.execute("a", "b");
    assert.equal(success, false);
    assert.match(message, /x…\[\+\d+ bytes\]$/);
    assert.ok(message.length > 1900 && message.length < 2048);
  });
});

describe("a request", () => {
  it("that is larger than maxMessageBytes is refused, and others are not", async (test) => {
    const { client } = await startForTest(test, () => "ok", { maxMessageBytes: 1024 });
    await assert.rejects(client.execute("x".repeat(1100), "b"), { code: status.RESOURCE_EXHAUSTED });
    assert.equal((await client.execute("x".repeat(900), "b")).message, "ok");
  });
});

describe("a log line", () => {
  const linesOf = (write: (log: ReturnType<typeof createJsonLog>) => void): string[] => {
    const lines: string[] = [];
    write(createJsonLog("sorter", (line) => lines.push(line)));
    return lines;
  };

  it("is one line of JSON of at most 16 KiB that says when, who and how grave, whatever is logged", () => {
    const anyFields = fc.dictionary(fc.string(), fc.anything({ withBigInt: true }), { maxKeys: 20 });
    const anyMessage = fc
      .tuple(fc.string({ unit: "binary" }), fc.nat(20_000))
      .map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(anyMessage, anyFields, fc.nat(4), (message, fields, heavy) => {
        const long = Object.fromEntries(Array.from({ length: heavy * 50 }, (_, i) => [`own_${i}`, "é".repeat(400)]));
        const [line = "", ...more] = linesOf((log) => log.with(long).warn(message, fields));
        assert.equal(more.length, 0);
        assert.ok(Buffer.byteLength(line) <= 16 * 1024);
        assert.equal(line.indexOf("\n"), line.length - 1);
        const { timestamp, level, service } = JSON.parse(line);
        assert.ok(Number.isFinite(Date.parse(timestamp)));
        assert.deepEqual([level, service], ["WARNING", "sorter"]);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps what fits, and says how much is missing", () => {
    const [line = ""] = linesOf((log) => log.info("x".repeat(5_000_000), { rows: 3 }));
    const { message, rows } = JSON.parse(line);
    assert.deepEqual([message, rows], [`${"x".repeat(8192)}…[+4991808 bytes]`, 3]);
  });

  const unreadable = {
    get rows() {
      throw new Error("get");
    },
  };
  for (const [says, write, expected] of [
    ["an error as the message", (log) => log.error(new TypeError("no disk")), { message: "TypeError: no disk" }],
    ["an error as the fields", (log) => log.error("m", new TypeError("no disk")), { message: "m" }],
    ["an error that a log always says", (log) => log.with(new TypeError("no disk")).error("m"), { message: "m" }],
    ["fields that throw", (log) => log.info("m", unreadable), { message: "m", fields: "[unreadable]" }],
    ["a text as the fields", (log) => log.info("m", "n"), { message: "m" }],
    ["nothing", (log) => log.info(), { message: "" }],
    ["an object as the message", (log) => log.info({ rows: 3n }), { message: '{"rows":"3"}', rows: "3" }],
  ] as [string, (log: LooseLog) => void, object][]) {
    it(`says what it can where it is given ${says}`, () => {
      const [line = "{}"] = linesOf((log) => write(log as LooseLog));
      const { timestamp: _t, level: _l, service: _s, node: _n, error, ...said } = JSON.parse(line);
      assert.deepEqual(said, expected);
      assert.equal(error?.class, says.startsWith("an error") ? "TypeError" : undefined);
    });
  }

  it("has fields of the author's own beside those of the call", async (test) => {
    const metadata = {
      "idempotency-key": "run-1/caf%C3%A9/1",
      "x-busbar-run-id": "run-1",
      "x-busbar-node": "caf%C3%A9",
      "x-busbar-attempt": "3",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    const { client, lines } = await startForTest(test, (_request, { log }) => {
      log.with({ tenant: "t" }).info("half", { rows: 3, service: "not this", node: 5 });
      return "done";
    });
    await client.execute("a", "b", { metadata });
    const call = {
      container_id: "café",
      run_id: "run-1",
      attempt: 3,
      idempotency_key: "run-1/café/1",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
    };
    const ofCall = lines.filter(({ message }) => !String(message).startsWith("listening"));
    assert.equal(ofCall.length, 3);
    for (const line of ofCall) assert.deepEqual({ ...line, ...call }, line);
    const [, own = {}] = ofCall;
    assert.deepEqual([own.tenant, own.rows, own.service, typeof own.node], ["t", 3, "sorter", "string"]);
  });
});

/** The log as programs without types see it. */
interface LooseLog {
  info(...given: unknown[]): void;
  error(...given: unknown[]): void;
  with(fields: unknown): LooseLog;
}

describe("maxConcurrency", () => {
  /** Work that goes on until it is let go, one after the other. */
  function held() {
    const waiting: (() => void)[] = [];
    const execute: Execute = () => new Promise((resolve) => waiting.push(() => resolve("done")));
    return { execute, waiting };
  }
  for (const maxConcurrency of [1, 3]) {
    it(`lets ${maxConcurrency} at work, and tells the others when to come back`, async (test) => {
      const { execute, waiting } = held();
      const { client } = await startForTest(test, execute, { maxConcurrency });
      const working = Array.from({ length: maxConcurrency }, () => client.execute("a", "b"));
      await until(() => waiting.length === maxConcurrency);
      await assert.rejects(
        client.execute("a", "b"),
        (error: { code: number; metadata: { get(key: string): unknown } }) => {
          assert.equal(error.code, status.RESOURCE_EXHAUSTED);
          assert.deepEqual(error.metadata.get("grpc-retry-pushback-ms"), ["1000"]);
          return true;
        },
      );
      waiting.shift()?.();
      await Promise.race(working);
      const next = client.execute("a", "b");
      await until(() => waiting.length === maxConcurrency);
      for (const release of waiting) release();
      assert.equal((await next).message, "done");
      await Promise.all(working);
    });
  }

  it("counts work that goes on after its caller has left", async (test) => {
    const { execute, waiting } = held();
    const { client } = await startForTest(test, execute, { maxConcurrency: 1 });
    const controller = new AbortController();
    const left = assert.rejects(client.execute("a", "b", { signal: controller.signal }), { code: status.CANCELLED });
    await until(() => waiting.length === 1);
    controller.abort();
    await left;
    await assert.rejects(client.execute("a", "b"), { code: status.RESOURCE_EXHAUSTED });
    waiting[0]?.();
  });
});

describe("keepalive", () => {
  it("aborts the calls of a connection that gives no sign of life", async (test) => {
    const begun = Promise.withResolvers<CallContext>();
    const { service } = await startForTest(
      test,
      (_request, context) => {
        begun.resolve(context);
        return new Promise((resolve) => context.signal.addEventListener("abort", () => resolve("")));
      },
      { keepaliveTimeMs: 1000, keepaliveTimeoutMs: 50, allowEmptyPaths: true },
    );
    const frozen = connect(service.port, "127.0.0.1");
    test.after(() => frozen.destroy());
    frozen.on("error", () => {});
    frozen.write(callWithoutClient());
    const { signal } = await begun.promise;
    if (!signal.aborted) await once(signal, "abort");
    assert.match(String(signal.reason), /the caller has cancelled/);
  });
});

/** The bytes of a client that makes an empty call, and never answers anything. */
function callWithoutClient(): Buffer {
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const literal = (name: string, value: string): Buffer =>
    Buffer.from([0, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)]);
  const headers = Buffer.concat([
    literal(":method", "POST"),
    literal(":scheme", "http"),
    literal(":authority", "a"),
    literal(":path", "/ContainerExecutor/Execute"),
    literal("content-type", "application/grpc"),
    literal("te", "trailers"),
  ]);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(1, 4, 1, headers),
    frame(0, 1, 1, Buffer.alloc(5)),
  ]);
}
