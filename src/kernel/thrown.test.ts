import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { describeThrown, reasonOf } from "./thrown.ts";

class Wet extends Error {}

/** An error of which reading anything at all throws. */
const hostile = (): object =>
  new Proxy(new Error("m"), {
    get() {
      throw new Error("get");
    },
    getPrototypeOf() {
      throw new Error("getPrototypeOf");
    },
    has() {
      throw new Error("has");
    },
    ownKeys() {
      throw new Error("ownKeys");
    },
  });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

function circular(): Error {
  const error = new Error("a");
  error.cause = new Error("b", { cause: error });
  return error;
}

const withGetter = (key: string): Error =>
  Object.defineProperty(new Error("m"), key, {
    get() {
      throw new Error("getter");
    },
  });

describe("reasonOf", () => {
  for (const [says, thrown, reason] of [
    ["a message", new Error("no disk"), "no disk"],
    ["a text", "no disk", "no disk"],
    ["a message, then its causes", new Error("a", { cause: new Error("b", { cause: "c" }) }), "a: b: c"],
    ["no cause twice", new Error("read: EIO", { cause: new Error("EIO") }), "read: EIO"],
    ["the cause of an empty one", new Error("", { cause: new Error("no disk") }), "no disk"],
    ["the class of an empty one", new TypeError(""), "TypeError without a message"],
    ["the class that was not named", new Wet(" "), "Wet without a message"],
    ["inner errors", new AggregateError([new Error("a"), new Error("b"), new Error("a")]), "a; b"],
    ["inner errors of inner ones", new AggregateError([new AggregateError([new Error("a")])]), "a"],
    ["some of many", new AggregateError(Array.from({ length: 9 }, (_, i) => `${i}`)), "0; 1; 2; 3; 4; and 4 more"],
    ["its own message before inner ones", new AggregateError([new Error("a")], "all failed"), "all failed"],
    ["an empty aggregate", new AggregateError([]), "AggregateError without a message"],
    ["a cycle once", circular(), "a: b"],
    ["an empty text", "", "an empty text was thrown"],
    ["nothing", undefined, "undefined was thrown"],
    ["an object without a prototype", Object.create(null), "an object was thrown"],
    ["a symbol", Symbol("s"), "a symbol was thrown"],
    ["a proxy that throws", hostile(), "an object was thrown"],
    ["a proxy that is revoked", revoked(), "an object was thrown"],
    ["a message that throws", withGetter("message"), "Error without a message"],
    ["a cause that throws", withGetter("cause"), "m"],
  ] as const) {
    it(`says ${says}: ${reason}`, () => assert.equal(reasonOf(thrown), reason));
  }
});

describe("describeThrown", () => {
  it("has class, code, stack, causes and inner errors", () => {
    const cause = Object.assign(new RangeError("b"), { code: "EIO" });
    const { class: name, message, stack, ...more } = describeThrown(new Wet("a", { cause })) as Record<string, unknown>;
    assert.deepEqual([name, message], ["Wet", "a"]);
    assert.match(String(stack), /thrown\.test\.ts/);
    const { stack: _, ...inner } = more.cause as Record<string, unknown>;
    assert.deepEqual(inner, { class: "RangeError", message: "b", code: "EIO" });
    const { errors } = describeThrown(new AggregateError([new Wet("x"), "y"])) as { errors: { message: string }[] };
    assert.deepEqual(
      errors.map((one) => one.message),
      ["x", "y"],
    );
  });
});

describe("whatever is thrown", () => {
  /** In functions: fast-check would look into the hostile ones. */
  const anyThrown = fc.letrec<{ thrown: () => unknown }>((tie) => ({
    thrown: fc.oneof(
      { depthSize: "small" },
      fc.anything({ withNullPrototype: true, withBigInt: true }).map((thrown) => () => thrown),
      fc.constantFrom(
        hostile,
        revoked,
        circular,
        () => withGetter("stack"),
        () => withGetter("name"),
        () => hostile,
      ),
      fc
        .tuple(fc.string(), tie("thrown"), fc.array(tie("thrown"), { maxLength: 7 }))
        .map(([message, cause, errors]) => {
          const inner = errors.map((make) => make());
          return () => Object.assign(new AggregateError(inner, message), { cause: cause() });
        }),
    ),
  })).thrown;

  it("has a reason and a description that is JSON", () => {
    fc.assert(
      fc.property(anyThrown, (make) => {
        const thrown = make();
        assert.notEqual(reasonOf(thrown).trim(), "");
        assert.equal(typeof JSON.parse(JSON.stringify(describeThrown(thrown))).message, "string");
      }),
    );
  });
});
