import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPatternMatcher, NO_MATCH } from "./pattern-matcher.ts";

type Place = readonly [from: number, to: number];

function findAll(text: string, patterns: readonly string[]): readonly Place[] {
  const places: Place[] = [];
  createPatternMatcher(patterns).read(text, 0, NO_MATCH, (from, to) => places.push([from, to]));
  return places;
}

/** The longest pattern that ends at each place, the slow way. */
function findSlowly(text: string, patterns: readonly string[]): readonly Place[] {
  return Array.from({ length: text.length }, (_, index) => index + 1).flatMap((to): Place[] => {
    const ending = patterns.filter((pattern) => text.slice(0, to).endsWith(pattern));
    return ending.length === 0 ? [] : [[to - Math.max(...ending.map(({ length }) => length)), to]];
  });
}

/** Few letters, so that patterns overlap, contain and repeat each other; of one byte and of two. */
const letter = fc.constantFrom("a", "b", "é", "\u4e16");
const pattern = fc.string({ unit: letter, minLength: 6, maxLength: 14 });

describe("a matcher of many patterns", () => {
  it("finds wherever one ends, and the longest that ends there", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 6 }), fc.array(fc.oneof(pattern, letter)), (patterns, parts) => {
        const near = parts.map((part, index) => patterns[index % 7]?.slice(index % 3) ?? part).join("");
        assert.deepEqual(findAll(near, patterns), findSlowly(near, patterns));
        assert.deepEqual(findAll(parts.join(""), patterns), findSlowly(parts.join(""), patterns));
      }),
      { numRuns: 2000 },
    );
  });

  it("goes on where it stopped, and says how much it has seen of a pattern that may go on", () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 6 }), fc.string({ unit: letter }), (patterns, text) => {
        const matcher = createPatternMatcher(patterns);
        const places: Place[] = [];
        let state = NO_MATCH;
        for (let to = 1; to <= text.length; to += 1) {
          state = matcher.read(text.slice(0, to), to - 1, state, (...place) => places.push(place));
          const seen = patterns.flatMap((one) =>
            Array.from({ length: one.length }, (_, length) => one.slice(0, length)).filter((beginning) =>
              text.slice(0, to).endsWith(beginning),
            ),
          );
          assert.equal(matcher.open(state), Math.max(...seen.map(({ length }) => length)));
        }
        assert.deepEqual(places, findAll(text, patterns));
      }),
    );
  });

  it("reads a hostile text in one pass: no pattern makes it look at a character again and again", () => {
    const patterns = Array.from({ length: 500 }, (_, index) => `${"a".repeat(500 + index)}b`);
    assert.deepEqual(findAll("a".repeat(1_000_000), patterns), []);
  });
});
