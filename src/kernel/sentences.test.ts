import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asClause, asSentence } from "./sentences.ts";

const anyText = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(..."ab.;:,!? …\n"), maxLength: 6 }),
  )
  .map(([text, end]) => `x${text}${end}`);

describe("words of others before ours", () => {
  it("keep a sign of their own, and get one where they have none", () => {
    const cases: readonly (readonly [text: string, sentence: string, clause: string])[] = [
      ["Method not found!", "Method not found!", "Method not found"],
      ["no space left", "no space left.", "no space left"],
      ["Done.", "Done.", "Done"],
      ["who?\n", "who?", "who"],
      ["cut …", "cut …", "cut …"],
      ["and so on...", "and so on...", "and so on..."],
      ["a list:", "a list.", "a list"],
      ['he said "no."', 'he said "no."', 'he said "no."'],
      ["a, b;", "a, b.", "a, b"],
    ];
    for (const [text, sentence, clause] of cases) {
      assert.equal(asSentence(text), sentence);
      assert.equal(asClause(text), clause);
    }
  });

  it("never end in two signs, whatever they are", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.match(asSentence(text), /[.!?…][\p{Pe}\p{Pf}"']?$/u);
        // What it ends in already is its own.
        if (asSentence(text) !== text.trimEnd()) assert.doesNotMatch(asSentence(text), /[\s;:,]\.$/);
        assert.doesNotMatch(`${asClause(text)}; more`, /(?:[;:,!?]|(?<!\.\.)\.); more$/);
        assert.ok(text.startsWith(asClause(text)));
      }),
    );
  });
});
