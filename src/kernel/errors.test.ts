import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";
import fc from "fast-check";
import { ERRORS, type ErrorCode } from "./error-table.ts";
import { BusbarError, remedyOf, toErrorInfo } from "./errors.ts";
import type { JsonObject } from "./json.ts";

const OWNED = new BusbarError("RUN_OWNED", "run r is taken", { details: { pid: 7, hosts: ["a"] } });
const INFO = { code: "RUN_OWNED", message: "run r is taken", details: { pid: 7, hosts: ["a"] } };

/** What no clone and no JSON text can hold. */
function untellable(): unknown {
  const circular: { [key: string]: unknown } = { list: [1] };
  circular.self = circular;
  const throwing = {
    get field(): never {
      throw new Error("no");
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  return {
    ...{ call: () => 1, big: 10n, symbol: Symbol("s"), nan: Number.NaN, date: new Date(0), left: undefined },
    ...{ circular, throwing, revoked: revoked.proxy, error: new TypeError("t"), list: [undefined, () => 1] },
  };
}

describe("BusbarError", () => {
  it("names in its remedy the run, the node and the container that it knows, as one types them", () => {
    const details = { run_id: "r 1", node_id: "it's", name: "c" };
    for (const [code, { remedy }] of Object.entries(ERRORS)) {
      const told = remedyOf({ code: code as ErrorCode, details });
      const commands = told.match(/`[^`]*`/g) ?? [];
      for (const command of commands) assert.doesNotMatch(command, /\b(?:RUN|NODE|NAME)\b/);
      const outside = (text: string): string => text.replace(/`[^`]*`/g, "");
      assert.equal(outside(told), outside(remedy));
      assert.equal(remedyOf({ code: code as ErrorCode }), remedy);
    }
    assert.match(remedyOf({ code: "CONTAINER_FAILED", details }), /`busbar logs 'r 1' 'it'\\''s'`/);
    const known = remedyOf({ code: "CONTAINER_FAILED" }, { runId: "r1", nodeId: "a" });
    assert.match(known, /`busbar logs r1 a`/);
    assert.match(new BusbarError("RUN_OWNED", "x", { details }).remedy, /`busbar cancel 'r 1'`/);
  });

  it("carries code, message, details and cause, and knows the remedy and the exit code", () => {
    const cause = new Error("why");
    const error = new BusbarError("RUN_OWNED", "run r is taken", { details: { pid: 7 }, cause });
    assert.deepEqual(error.toInfo(), { code: "RUN_OWNED", message: "run r is taken", details: { pid: 7 } });
    assert.equal(error.cause, cause);
    assert.equal(error.exitCode, 30);
    assert.equal(remedyOf(error.toInfo()), error.remedy);
    assert.equal("cause" in new BusbarError("USAGE", "x"), false);
    assert.deepEqual(Object.keys(new BusbarError("USAGE", "x")), ["code", "message"]);
  });

  it("is an Error to whoever asks: instanceof, its tag, its name, its stack, what is printed of it", () => {
    class Own extends BusbarError {}
    const own = new Own("USAGE", "no such thing", { cause: new Error("why") });
    for (const type of [Own, BusbarError, Error]) assert.ok(own instanceof type);
    assert.equal(Object.prototype.toString.call(own), "[object Error]");
    assert.equal(String(own), "BusbarError: no such thing");
    assert.match(own.stack ?? "", /^BusbarError: no such thing\n {4}at .*errors\.test\.ts/);
    assert.match(inspect(own), /no such thing\n {4}at [\s\S]*code: 'USAGE'[\s\S]*\[cause\]: Error: why/);
    assert.throws(() => {
      throw own;
    }, /no such thing/);
    assert.notDeepEqual(new BusbarError("USAGE", "a"), new BusbarError("USAGE", "b"));
    assert.notDeepEqual(new BusbarError("USAGE", "a"), new BusbarError("INTERNAL", "a"));
  });

  it("is its ErrorInfo as JSON, as a clone, through a port, and as bytes", async () => {
    const { port1, port2 } = new MessageChannel();
    const message = once(port2, "message");
    port1.postMessage(OWNED);
    const [received] = await message;
    port1.close();
    for (const copy of [JSON.parse(JSON.stringify(OWNED)), structuredClone(OWNED), received]) {
      assert.deepEqual(copy, INFO);
      assert.deepEqual(toErrorInfo(copy), INFO);
    }
    assert.deepEqual(deserialize(serialize(OWNED)), INFO);
    assert.deepEqual(JSON.parse(JSON.stringify({ errors: [OWNED] })), { errors: [INFO] });
  });

  it("is itself again where it ends a thread", async () => {
    const module = JSON.stringify(new URL("errors.ts", import.meta.url).href);
    const text = `import(${module}).then(({BusbarError}) => setImmediate(() => {
      throw new BusbarError("RUN_OWNED", "run r is taken", {details: {pid: 7, hosts: ["a"]}, cause: () => 1});
    }))`;
    const worker = new Worker(text, { eval: true });
    const [thrown] = await once(worker, "error");
    assert.ok(thrown instanceof Error);
    assert.deepEqual(toErrorInfo(thrown), INFO);
  });

  it("can be told whatever its details and causes are", () => {
    const cause = new AggregateError([new BusbarError("USAGE", "x", { cause: () => 1 }), () => 1], "all");
    const error = new BusbarError("INTERNAL", "deep", {
      details: untellable() as JsonObject,
      cause: new BusbarError("USAGE", "above", { details: untellable() as JsonObject, cause }),
    });
    assert.deepEqual(structuredClone(error), error.toInfo());
    assert.deepEqual(JSON.parse(JSON.stringify(error)), error.toInfo());
    const { circular, ...details } = error.toInfo().details as JsonObject;
    assert.deepEqual(circular, { list: [1], self: "[circular]" });
    assert.deepEqual(details, {
      call: "[function]",
      big: "10",
      symbol: "[symbol]",
      nan: "NaN",
      date: "1970-01-01T00:00:00.000Z",
      throwing: "[unreadable]",
      revoked: "[unreadable]",
      error: "TypeError: t",
      list: [null, "[function]"],
    });
    assert.throws(() => Object.assign(error.details ?? {}, { later: () => 1 }), TypeError);
    // A native error keeps a cause of ours when it is cloned.
    const outer = structuredClone(new Error("outer", { cause: error }));
    assert.equal(toErrorInfo(outer.cause).code, "INTERNAL");
    assert.equal(toErrorInfo(outer.cause).message, "deep");
  });

  it("survives details of any shape, however deep", () => {
    let deep: unknown = "end";
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    let wide: unknown = "end";
    for (let i = 0; i < 30; i += 1) wide = [wide, wide, wide];
    const details = fc.oneof(
      fc.constantFrom(deep, wide),
      fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true }),
    );
    fc.assert(
      fc.property(details, (value) => {
        const error = new BusbarError("INTERNAL", "x", { details: value as JsonObject });
        assert.deepEqual(structuredClone(error), error.toInfo());
        assert.deepEqual(toErrorInfo(JSON.stringify(error)), JSON.parse(JSON.stringify(error)));
      }),
    );
  });

  it("can be made of anything", () => {
    for (const odd of [undefined, null, 3, "", {}, Symbol("s"), Object.create(null), () => 1]) {
      const error = new BusbarError(odd as ErrorCode, odd as string, odd as object);
      assert.ok(error.toInfo().message.length > 0 || odd === "");
      assert.equal(typeof error.remedy, "string");
      assert.equal(error.exitCode, 70);
      structuredClone(error);
    }
  });
});

describe("toErrorInfo", () => {
  it("reads an error of ours in each of its forms", () => {
    assert.deepEqual(toErrorInfo(OWNED), INFO);
    assert.deepEqual(toErrorInfo(INFO), INFO);
    assert.deepEqual(toErrorInfo(JSON.stringify(OWNED)), INFO);
    const lost = { code: "CALL_UNAVAILABLE", message: "no", status: "UNAVAILABLE" };
    assert.deepEqual(toErrorInfo(lost), lost);
    // Of a copy of this package, and of a newer version.
    const newer = Object.assign(new Error("new"), { name: "BusbarError", code: "NEW_CODE" });
    assert.deepEqual(toErrorInfo(newer), { code: "NEW_CODE", message: "new" });
    assert.equal(remedyOf(toErrorInfo(newer)), "");
  });

  it("makes a bug of whatever else is thrown", () => {
    const foreign: readonly (readonly [unknown, string])[] = [
      [new TypeError("x is not a function"), "x is not a function"],
      [Object.assign(new Error("no such file"), { code: "ENOENT" }), "no such file"],
      [Object.assign(new Error("by chance"), { code: "USAGE" }), "by chance"],
      [{ code: "ENOENT", message: "plain" }, "plain"],
      [new RangeError(), "RangeError without a message"],
      [new AggregateError([new Error("refused 1"), OWNED, null]), "refused 1; run r is taken"],
      ["boom", "boom"],
      ["{not JSON", "{not JSON"],
      ["", "an empty text was thrown"],
      [null, "null was thrown"],
      [undefined, "undefined was thrown"],
      [Object.create(null), "an object was thrown"],
      [
        {
          get message() {
            throw OWNED;
          },
        },
        "an object was thrown",
      ],
      [Symbol("s"), "a symbol was thrown"],
      [new Map(), "an object of the class Map was thrown"],
    ];
    for (const [thrown, message] of foreign) assert.deepEqual(toErrorInfo(thrown), { code: "INTERNAL", message });
  });

  it("never throws, and always says something", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = new Proxy(new Error("x"), {
      get() {
        throw new Error("no");
      },
      getPrototypeOf() {
        throw new Error("no");
      },
    });
    const endless: Error & { errors?: unknown } = new Error("");
    endless.errors = [endless];
    const check = (thrown: unknown): void => {
      const info = toErrorInfo(thrown);
      assert.ok(info.message.trim().length > 0);
      assert.deepEqual(JSON.parse(JSON.stringify(info)), info);
    };
    for (const thrown of [proxy, hostile, endless]) check(thrown);
    fc.assert(fc.property(fc.anything(), check));
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      assert.equal(toErrorInfo(new BusbarError(code, " ")).message, ERRORS[code].meaning);
    }
  });
});
