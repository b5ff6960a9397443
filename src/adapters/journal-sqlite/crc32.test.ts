import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 as crc32OfNode } from "node:zlib";
import fc from "fast-check";
import { crc32 } from "./crc32.ts";

describe("crc32", () => {
  it("is that of zlib for every text, whatever it goes on with", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.nat(0xffff_ffff), (text, previous) => {
        assert.equal(crc32(text, previous), crc32OfNode(text, previous));
        assert.equal(crc32(text), crc32OfNode(text));
      }),
    );
  });

  it("is that of zlib for lone surrogates and texts around the length from which Node computes it", () => {
    for (const text of ["", "\ud800", "a\udc00b", "x".repeat(16_383), "ü".repeat(16_384), "x".repeat(100_000)]) {
      assert.equal(crc32(text, 0xdead_beef), crc32OfNode(text, 0xdead_beef));
    }
  });
});
