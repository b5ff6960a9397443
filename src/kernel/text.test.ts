import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { appearanceOf, cleanText, escapeControls, escapeUnseen } from "./text.ts";

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

describe("escapeUnseen", () => {
  /** Letters with marks apart and together, characters without width, other spaces, scripts that need neither. */
  const character = fc.constantFrom(
    ..."ab é\u0301e\u212bÅ\u1112\u1161\u11ab한йи\u0306\u200b\u200d\ufe0f\ufeff\u00ad\u00a0\u2800\u3000\u2028\u202e\n\t👍\u{e0041}漢",
  );
  const name = fc.string({ unit: character, maxLength: 8 });

  it("makes two different names look different, in characters that can all be seen", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        assert.equal(escapeUnseen(one) === escapeUnseen(other), one === other);
        assert.doesNotMatch(
          escapeUnseen(one),
          /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|[^\P{Zs} ]|\u2800/u,
        );
        assert.equal(escapeUnseen(one).normalize("NFC"), escapeUnseen(one));
      }),
    );
  });

  it("leaves a name alone that can be seen and is in the usual normal form", () => {
    for (const plain of ["energy-generator", "größe", "한글", "漢字 データ", "naïve café", "Å 👍"]) {
      assert.equal(escapeUnseen(plain), plain);
    }
    assert.equal(escapeUnseen("cafe\u0301\u200b"), "cafe\\u0301\\u200b");
    assert.equal(escapeUnseen("a\u{e0041}\u00a0b"), "a\\u{e0041}\\u00a0b");
  });
});

describe("appearanceOf", () => {
  it("is the same for names that nobody can tell apart, and only for those", () => {
    const alike = [
      ["a b", "a\u00a0b", "a\u2800b", "a\u200b b", "a  b ", "\ufeffa b"],
      ["café", "cafe\u0301", "caf\u200de\u0301"],
      ["a", "A"],
      ["1", "l"],
    ];
    const seen = alike.map((names) => new Set(names.map(appearanceOf)).size);
    assert.deepEqual(seen, [1, 1, 2, 2]);
  });
});
