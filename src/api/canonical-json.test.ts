import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Json } from "../kernel/json.ts";
import { canonicalJson } from "./canonical-json.ts";

/** The same value, its keys the other way round. */
function reversed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, field]) => [key, reversed(field)]),
  );
}

describe("canonicalJson", () => {
  it("is one text for one value, whatever the order of its keys", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = JSON.parse(text) as Json;
        assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), value);
      }),
    );
  });

  it("is another text for another value", () => {
    assert.notEqual(canonicalJson({ a: 1 }), canonicalJson({ a: "1" }));
    assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
  });

  it("refuses what is nested deeper than any request, where its own recursion would end", () => {
    const nested = (depth: number): Json => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    assert.equal(canonicalJson(nested(100)).length, 200);
    for (const depth of [101, 500_000]) assert.throws(() => canonicalJson(nested(depth)), { code: "REQUEST_INVALID" });
  });
});
