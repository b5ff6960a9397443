import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32 as crc32OfNode } from "node:zlib";
import fc from "fast-check";
import { crc32, crc32OfFew } from "./crc32.ts";

describe("crc32", () => {
  it("is that of zlib for every text, whatever it goes on with", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.nat(0xffff_ffff), (text, previous) => {
        assert.equal(crc32OfFew(text, previous), crc32OfNode(text, previous));
      }),
    );
  });

  it("is that of zlib for lone surrogates, and however much a process has taken the checksum of", () => {
    for (const text of ["", "\ud800", "a\udc00b", "x".repeat(30_000), "ü".repeat(30_000), "y".repeat(100_000), "z"]) {
      assert.equal(crc32(text, 0xdead_beef), crc32OfNode(text, 0xdead_beef));
      assert.equal(crc32OfFew(text, 0), crc32(text));
    }
  });
});
