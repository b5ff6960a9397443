import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSuggester, editDistance } from "./suggest.ts";

describe("editDistance", () => {
  it("counts insertions, deletions, replacements and swaps of neighbours", () => {
    assert.equal(editDistance("analyser", "analyzer"), 1);
    assert.equal(editDistance("timout", "timeout"), 1);
    assert.equal(editDistance("UNAVAILABEL", "UNAVAILABLE"), 1);
    assert.equal(editDistance("", "abc"), 3);
    assert.equal(editDistance("abc", "xyz"), 3);
  });

  it("is 0 for equal texts only, and the same both ways", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        assert.equal(editDistance(a, b) === 0, a === b);
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      }),
    );
  });
});

describe("createSuggester", () => {
  it("names the nearest, whatever the case, and nothing where nothing is near", () => {
    const suggest = createSuggester();
    assert.equal(suggest("energy-analyser", ["energy-generator", "energy-analyzer"]), "energy-analyzer");
    assert.equal(suggest("Retry", ["retry"]), "retry");
    assert.equal(suggest("nowhere", ["energy-analyzer"]), undefined);
    assert.equal(suggest("x", ["y"]), undefined);
    assert.equal(suggest("ab", ["ac"]), "ac");
    assert.equal(suggest("x".repeat(1000), ["x".repeat(999)]), undefined);
  });

  it("stops comparing when its budget is used up", () => {
    const suggest = createSuggester();
    const many = Array.from({ length: 100_000 }, (_, index) => `${index}-far-away`);
    assert.equal(suggest("neer", many), undefined);
    assert.equal(suggest("neer", ["near"]), undefined);
  });
});
