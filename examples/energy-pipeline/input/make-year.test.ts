import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { makeYear } from "./make-year.ts";

const committed = readFileSync(new URL("year.csv", import.meta.url), "utf8");

describe("make-year", () => {
  it("makes the committed file again, byte for byte", () => {
    assert.ok(makeYear() === committed, "run `node examples/energy-pipeline/input/make-year.ts` and commit year.csv");
  });

  it("makes another year from another seed", () => {
    assert.ok(makeYear(1) !== committed);
  });

  it("has a year of 15-minute steps, with gaps, for each of three households", () => {
    const rows = committed.trimEnd().split("\n").slice(1);
    const times = new Set(rows.map((row) => row.split(",")[0]));
    assert.equal(times.size, 365 * 96);
    assert.ok(rows.length < 3 * 365 * 96);
    assert.ok(rows.length > 0.98 * 3 * 365 * 96);
  });
});
