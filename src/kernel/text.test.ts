import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cleanText, escapeControls } from "./text.ts";

describe("cleanText", () => {
  it("leaves ordinary text alone", () => {
    assert.equal(
      cleanText("Successfully generated 10 rows → /data/é.csv"),
      "Successfully generated 10 rows → /data/é.csv",
    );
  });

  it("escapes what moves the cursor, hides or reorders text", () => {
    assert.equal(escapeControls("a\nb\tc\u001b[31m\u0000\u202e\u0085"), "a\\nb\\tc\\x1b[31m\\x00\\u202e\\x85");
  });

  it("cuts at 4 KiB of UTF-8 and says how much is missing", () => {
    assert.equal(cleanText("x".repeat(5000)), `${"x".repeat(4096)}…[+904 bytes]`);
  });

  it("gives well-formed text of at most the limit and a note, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.integer({ min: 8, max: 64 }), (text, limit) => {
        const cleaned = cleanText(text, limit);
        assert.ok(cleaned.isWellFormed());
        assert.equal(escapeControls(cleaned), cleaned);
        const kept = cleaned.replace(/…\[\+\d+ bytes\]$/, "");
        assert.ok(Buffer.byteLength(kept) <= limit);
        if (Buffer.byteLength(escapeControls(text.toWellFormed())) <= limit) assert.equal(cleaned, kept);
      }),
    );
  });
});
