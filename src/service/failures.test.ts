// Whatever a service throws or returns, its caller gets an answer of the contract, and its log says what happened.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import type { JsonObject } from "../kernel/json.ts";
import { createServiceClient } from "../testing/service-client.ts";
import { startForTest } from "../testing/started-service.ts";
import type { ServiceLog } from "./log.ts";
import { createRpcError } from "./rpc-error.ts";

const hostile = new Proxy(new Error("m"), {
  get() {
    throw new Error("get");
  },
  getPrototypeOf() {
    throw new Error("getPrototypeOf");
  },
});

describe("what execute throws", () => {
  for (const [says, thrown, reason] of [
    ["an error without a message", new Error(""), "Error without a message"],
    ["an error of a cause", new Error("", { cause: new Error("no disk") }), "no disk"],
    ["an AggregateError", new AggregateError([new Error("a"), new Error("b")]), "a; b"],
    ["undefined", undefined, "undefined was thrown"],
    ["an object without a prototype", Object.create(null), "an object was thrown"],
    ["a symbol", Symbol("s"), "a symbol was thrown"],
    ["a proxy that throws", hostile, "an object was thrown"],
    ["a gRPC error that the kit did not make", Object.assign(new Error("m"), { code: 14, details: "d" }), "m"],
  ] as const) {
    it(`is answered with a reason: ${says}`, async (test) => {
      const { client, lines } = await startForTest(test, () => {
        throw thrown;
      });
      const { success, message } = await client.execute("a", "b");
      assert.deepEqual([success, message], [false, `[sorter] Failed to execute: ${reason}`]);
      const last = lines.at(-1) ?? {};
      assert.deepEqual([last.level, last.message, last.status], ["ERROR", message, "failure"]);
      assert.equal(typeof (last.error as { message: unknown }).message, "string");
    });
  }

  it("is logged with its class, stack and causes", async (test) => {
    const { client, lines } = await startForTest(test, () => {
      throw new TypeError("a", { cause: new RangeError("b") });
    });
    await client.execute("a", "b");
    const { error } = lines.at(-1) as { error: JsonObject & { cause: JsonObject } };
    assert.deepEqual([error.class, error.cause.class, error.cause.message], ["TypeError", "RangeError", "b"]);
    assert.match(String(error.stack), /failures\.test\.ts/);
  });

  it("is logged so where it is a status", async (test) => {
    const { client, lines } = await startForTest(test, () => {
      throw createRpcError("UNAVAILABLE", "warming up", { cause: new Error("no disk") });
    });
    await assert.rejects(client.execute("a", "b"), { code: status.UNAVAILABLE, details: "warming up" });
    const { message, error } = lines.at(-1) as { message: string; error: { cause: { message: string } } };
    assert.deepEqual([message, error.cause.message], ["UNAVAILABLE: warming up", "no disk"]);
  });

  for (const name of ["OK", "NO_SUCH", "14", "toString"]) {
    it(`is no status where none is made: ${name}`, async (test) => {
      const { client } = await startForTest(test, () => {
        throw createRpcError(name as "UNKNOWN", "m");
      });
      const { success, message } = await client.execute("a", "b");
      assert.equal(success, false);
      assert.match(message, /^\[sorter\] Failed to execute: name must be one of "CANCELLED", /);
    });
  }
});

describe("what is not as it should be", () => {
  for (const [says, result, message] of [
    ["nothing", undefined, ""],
    ["null", null, ""],
    ["a number", 7, "7"],
    ["a number that JSON does not have", 7n, "7"],
    ["an object", { rows: 3 }, '{"rows":3}'],
    ["what JSON cannot say", { rows: 3n }, '{"rows":"3"}'],
    ["half a character", "a\ud800", "a\ufffd"],
  ] as const) {
    it(`succeeds where execute returns ${says}`, async (test) => {
      const { client } = await startForTest(test, () => result as string);
      const response = await client.execute("a", "b");
      assert.deepEqual([response.success, response.message], [true, message]);
    });
  }

  for (const [says, describeFailure] of [
    ["throws", () => assert.fail("no words")],
    ["returns nothing", () => undefined as unknown as string],
    ["returns blanks", () => "  "],
  ] as const) {
    it(`fails with the reason where describeFailure ${says}`, async (test) => {
      const work = () => Promise.reject(new Error("no disk"));
      const { client } = await startForTest(test, work, { describeFailure });
      assert.equal((await client.execute("a", "b")).message, "[sorter] Failed to execute: no disk");
    });
  }

  for (const [says, broken] of [
    ["throws", () => assert.fail("the log is full")],
    ["rejects", () => Promise.reject(new Error("the log is full"))],
  ] as const) {
    it(`succeeds where the log ${says}`, async (test) => {
      const log: ServiceLog = { info: broken, warn: broken, error: broken, with: () => log };
      const { client } = await startForTest(test, () => "ok", { log });
      for (const _ of "ab") assert.equal((await client.execute("a", "b")).message, "ok");
    });
  }

  it("succeeds where nobody reads the log any more", {
    skip: process.platform === "win32" && "no pipes",
  }, async (test) => {
    const kit = JSON.stringify(new URL("index.ts", import.meta.url).href);
    const program = `import { serve } from ${kit};
      const service = await serve({ name: "s", port: 0, execute: () => "ok" });
      console.log(service.address);`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    test.after(() => child.kill("SIGKILL"));
    const exited = once(child, "exit");
    const [address] = await once(createInterface({ input: child.stdout }), "line");
    child.stderr.destroy();
    await once(child.stderr, "close");
    const client = createServiceClient(address);
    test.after(() => client.close());
    for (const _ of "abc") assert.equal((await client.execute("a", "b")).message, "ok");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
  });
});
