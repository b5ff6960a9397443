import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { startForTest } from "../testing/started-service.ts";
import { createRpcError } from "./rpc-error.ts";
import { toStatus } from "./trailers.ts";

/** What C-core counts against its 8 KiB: each header's name and value, and 32. */
function wireBytes({ code, details, metadata }: ReturnType<typeof toStatus>): number {
  const headers = { "grpc-status": [String(code)], "grpc-message": [encodeURI(details)], ...metadata.toHttp2Headers() };
  return Object.entries(headers)
    .flatMap(([name, values]) => [values].flat().map((value) => 32 + name.length + String(value).length))
    .reduce((sum, size) => sum + size, 0);
}

/** Texts whose characters take one to nine bytes on the way, short and far too long ones, with halves of characters. */
const anyText = fc
  .tuple(
    fc.array(fc.constantFrom("a", " ", "%", "\n", "é", "電", "😀", "\ud83d", "\udc00"), { minLength: 1 }),
    fc.nat(20_000),
  )
  .map(([unit, times]) => unit.join("").repeat(1 + Math.floor(times / unit.length)));

const anyMetadata = fc
  .array(
    fc.tuple(fc.constantFrom("x-a", "x-b-bin", "grpc-status", "grpc-x", "grpc-status-details-bin"), fc.nat(5000)),
    {
      maxLength: 6,
    },
  )
  .map((entries) => {
    const metadata = new Metadata();
    for (const [key, size] of entries) metadata.add(key, key.endsWith("-bin") ? Buffer.alloc(size) : "x".repeat(size));
    metadata.set("grpc-retry-pushback-ms", "250");
    return metadata;
  });

describe("toStatus", () => {
  it("fits what every client takes, keeps the retry hint, and cuts between two characters", () => {
    fc.assert(
      fc.property(anyText, anyMetadata, (text, metadata) => {
        const sent = toStatus({ name: "UNAVAILABLE", details: text, metadata });
        assert.ok(wireBytes(sent) <= 7 * 1024 + 64, `${wireBytes(sent)} bytes`);
        assert.equal(sent.code, status.UNAVAILABLE);
        assert.deepEqual(sent.metadata.get("grpc-retry-pushback-ms"), ["250"]);
        assert.deepEqual(sent.metadata.get("grpc-status"), []);
        assert.deepEqual(sent.metadata.get("grpc-x"), []);
        const whole = text.toWellFormed();
        if (sent.details === whole) return;
        const [, kept = "", missing] = /^(.*)…\[\+(\d+) bytes\]$/s.exec(sent.details) ?? [];
        assert.ok(whole.startsWith(kept) && kept.isWellFormed());
        assert.equal(Buffer.byteLength(kept) + Number(missing), Buffer.byteLength(whole));
        assert.ok(encodeURI(kept).length > 3500, "no more is cut than has to be");
      }),
    );
  });

  it("leaves a text alone that fits as it is", () => {
    const details = "x".repeat(7000);
    assert.equal(toStatus({ name: "INTERNAL", details }).details, details);
  });
});

describe("createRpcError", () => {
  for (const [ms, told] of [
    [0, "0"],
    [0.2, "1"],
    [250.5, "251"],
    [-0.5, "-1"],
    [-7, "-1"],
    [1e21, "2147483647"],
  ] as const) {
    it(`says ${ms} ms as a whole number that clients read: ${told}`, () => {
      const { metadata } = createRpcError("UNAVAILABLE", "m", { retryAfterMs: ms });
      assert.deepEqual(metadata.get("grpc-retry-pushback-ms"), [told]);
    });
  }

  for (const text of ["x".repeat(100_000), "é".repeat(20_000), "😀\n% ".repeat(50_000), "\ud800".repeat(9000)]) {
    it(`brings status and hint to the caller, and leaves other calls alone: ${text.length} characters`, async (test) => {
      const { client } = await startForTest(test, async ({ inputFile }, { signal }) => {
        if (inputFile === "fail") throw createRpcError("UNAVAILABLE", text, { retryAfterMs: 250 });
        await new Promise((resolve) => setTimeout(resolve, 200));
        signal.throwIfAborted();
        return "still here";
      });
      const other = client.execute("wait", "b");
      await assert.rejects(client.execute("fail", "b"), (error: ReturnType<typeof createRpcError>) => {
        assert.equal(error.code, status.UNAVAILABLE);
        assert.deepEqual(error.metadata.get("grpc-retry-pushback-ms"), ["250"]);
        assert.match(error.details, /…\[\+\d+ bytes\]$/);
        return true;
      });
      assert.equal((await other).message, "still here");
    });
  }

  for (const [key, values] of [
    ["connection", ["close"]],
    ["transfer-encoding", ["chunked"]],
    ["te", ["trailers"]],
    ["date", ["a", "b"]],
    ["content-length", ["5", "6"]],
    ["content-type", ["text/plain"]],
  ] as const) {
    it(`brings status and hint whatever trailers are added, and the service lives on: ${key}`, async (test) => {
      const { client } = await startForTest(test, () => {
        const error = createRpcError("UNAVAILABLE", "m", { retryAfterMs: 250 });
        for (const value of values) error.metadata.add(key, value);
        throw error;
      });
      for (const _ of "ab") {
        await assert.rejects(client.execute("a", "b"), (error: ReturnType<typeof createRpcError>) => {
          assert.deepEqual([error.code, error.details], [status.UNAVAILABLE, "m"]);
          assert.deepEqual(error.metadata.get("grpc-retry-pushback-ms"), ["250"]);
          return true;
        });
      }
    });
  }

  it("has a reason where none was given", () => {
    assert.equal(createRpcError("INTERNAL", "").details, "no reason was given");
    assert.equal(createRpcError("INTERNAL", " ", { cause: new Error("no disk") }).details, "no disk");
  });

  for (const changed of [
    { code: 0, details: 5, metadata: null },
    { code: Number.NaN, details: Object.create(null), metadata: { get: 5 } },
  ]) {
    it(`brings the status it was made with, whatever became of the error since: ${changed.code}`, async (test) => {
      const { client } = await startForTest(test, () => {
        throw Object.assign(createRpcError("UNAVAILABLE", "m"), changed);
      });
      await assert.rejects(client.execute("a", "b"), { code: status.UNAVAILABLE, details: "m" });
    });
  }

  it("answers other calls of a client whose own words are too long", async (test) => {
    const { client } = await startForTest(test, () => "ok");
    const asked = assert.rejects(client.check("é".repeat(100_000)), { code: status.NOT_FOUND });
    assert.equal((await client.execute("a", "b")).message, "ok");
    await asked;
  });
});
