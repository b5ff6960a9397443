import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPieceMask, type PieceMask } from "./mask-pieces.ts";
import { createPatternMatcher } from "./pattern-matcher.ts";

function maskOf(patterns: readonly string[]): PieceMask {
  const matcher = createPatternMatcher(patterns);
  return createPieceMask(() => matcher);
}

function maskIn(pieces: readonly string[], patterns: readonly string[]): string {
  const mask = maskOf(patterns);
  return pieces.map((piece) => mask.push(piece)).join("") + mask.end();
}

/** What belongs to any pattern left out, the slow way. */
function maskSlowly(text: string, patterns: readonly string[]): string {
  const spans = patterns
    .flatMap((pattern) =>
      [...text].flatMap((_, at) => (text.startsWith(pattern, at) ? [{ from: at, to: at + pattern.length }] : [])),
    )
    .sort((a, b) => a.from - b.from || b.to - a.to);
  let masked = "";
  let at = 0;
  for (const { from, to } of spans) {
    if (from >= at) masked += `${text.slice(at, from)}***`;
    at = Math.max(at, to);
  }
  return masked + text.slice(at);
}

describe("a mask for texts in pieces", () => {
  it("hides a value wherever it is cut, and tells the rest at once", () => {
    const text = "a token s3cret-value, and on";
    for (let cut = 0; cut <= text.length; cut += 1) {
      assert.equal(maskIn([text.slice(0, cut), text.slice(cut)], ["s3cret-value"]), "a token ***, and on");
    }
    const mask = maskOf(["s3cret-value"]);
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

  it("says the same however the text is cut, and never all of a pattern", () => {
    const letters = fc.constantFrom("a", "b");
    const pattern = fc.string({ unit: letters, minLength: 6, maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 4 }),
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", "a", "b", "c"), maxLength: 16 }), { maxLength: 8 }),
        fc.nat(),
        (patterns, pieces, cut) => {
          const planted = pieces.flatMap((piece, index) => {
            const secret = patterns[index] ?? "";
            return [piece, secret.slice(0, cut % 11), secret.slice(cut % 11)];
          });
          const text = planted.join("");
          const masked = maskIn(planted, patterns);
          assert.equal(masked, maskSlowly(text, patterns));
          assert.equal(masked, maskIn([text], patterns));
          assert.equal(masked, maskIn([...text], patterns));
          for (const one of patterns) assert.ok(!masked.includes(one), `${one} in ${masked}`);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("keeps back less than the longest pattern", () => {
    const mask = maskOf(["aaaaaaaaab"]);
    assert.equal(mask.push("a".repeat(1000)).length, 991);
    assert.equal(mask.push("a".repeat(1000)).length, 1000);
  });

  it("hides from the next piece on what it was told to hide meanwhile, and what was kept back", () => {
    let matcher = createPatternMatcher(["first-secret"]);
    const mask = createPieceMask(() => matcher);
    assert.equal(mask.push("one first-sec"), "one ");
    matcher = createPatternMatcher(["first-secret", "sec-other"]);
    assert.equal(mask.push("-other, first-secret"), "first-***, ***");
    assert.equal(mask.end(), "");
  });
});
