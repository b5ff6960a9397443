import assert from "node:assert/strict";
import { it } from "node:test";
import { formatNumber, formatX } from "./format-value.ts";
import { moveRange } from "./zoom-range.ts";

it("moves over an axis without leaving it", () => {
  const all = [0, 100] as const;
  assert.deepEqual(moveRange(all, all, "in"), [25, 75]);
  assert.deepEqual(moveRange([25, 75], all, "out"), [0, 100]);
  assert.deepEqual(moveRange(all, all, "out"), [0, 100]);
  assert.deepEqual(moveRange([10, 30], all, "back"), [0, 20]);
  assert.deepEqual(moveRange([10, 30], all, "forth"), [20, 40]);
  assert.deepEqual(moveRange([85, 95], all, "forth"), [90, 100]);
});

it("writes numbers and moments short", () => {
  assert.deepEqual([0, 1234567, 0.838123456, -2e12, 1e-7].map(formatNumber), [
    ...["0", "1,234,570", "0.838123", "-2.00e+12", "1.00e-7"],
  ]);
  assert.equal(formatX(Date.parse("2025-01-01T00:15:00Z"), true), "2025-01-01 00:15:00");
  assert.equal(formatX(1234, false), "row 1,234");
});
