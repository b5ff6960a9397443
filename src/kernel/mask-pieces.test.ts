import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPieceMask } from "./mask-pieces.ts";

function maskIn(pieces: readonly string[], values: readonly string[]): string {
  const mask = createPieceMask(() => values);
  return pieces.map((piece) => mask.push(piece)).join("") + mask.end();
}

describe("a mask for texts in pieces", () => {
  it("hides a value wherever it is cut, and tells the rest at once", () => {
    const text = "a token s3cret-value, and on";
    for (let cut = 0; cut <= text.length; cut += 1) {
      assert.equal(maskIn([text.slice(0, cut), text.slice(cut)], ["s3cret-value"]), "a token ***, and on");
    }
    const mask = createPieceMask(() => ["s3cret-value"]);
    assert.equal(mask.push("password: s3c"), "password: ");
    assert.equal(mask.push("ond"), "s3cond");
    assert.equal(mask.push("s3cret-valu"), "");
    assert.equal(mask.end(), "s3cret-valu");
  });

  it("hides a value over several lines, the longer of two, and those that overlap together", () => {
    assert.equal(maskIn(["key:\nline-", "1\nline", "-2\nend"], ["line-1\nline-2"]), "key:\n***\nend");
    assert.equal(maskIn(["abcdef", "-and-more"], ["abcdef", "abcdef-and-more"]), "***");
    assert.equal(maskIn(["xabcdef", "ghi."], ["abcdef", "defghi"]), "x***.");
    assert.equal(maskIn(["abcdefabcdef"], ["abcdef"]), "******");
    assert.equal(maskIn(["aaaaaa", "a", "aa", "b"], ["aaaaaa"]), "***b");
  });

  it("says the same however the text is cut, and never all of a value", () => {
    const letters = fc.constantFrom("a", "b", "c");
    const value = fc.string({ unit: letters, minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 4 }),
        fc.array(fc.string({ unit: letters, maxLength: 6 }), { maxLength: 8 }),
        (values, pieces) => {
          const masked = maskIn(pieces, values);
          assert.equal(masked, maskIn([pieces.join("")], values));
          assert.equal(masked, maskIn([...pieces.join("")], values));
          for (const one of values) assert.ok(!masked.includes(one), `${one} in ${masked}`);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("keeps back less than the longest value", () => {
    const mask = createPieceMask(() => ["aaaaaaaaab"]);
    assert.equal(mask.push("a".repeat(1000)).length, 991);
    assert.equal(mask.push("a".repeat(1000)).length, 1000);
  });
});
