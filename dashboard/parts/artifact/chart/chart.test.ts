import assert from "node:assert/strict";
import { it } from "node:test";
import { formatNumber, formatTick, formatX } from "./format-value.ts";
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

it("names the divisions of a time axis by what they are apart", () => {
  const at = (iso: string, stepMs: number): string => formatTick(Date.parse(iso), stepMs);
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  assert.deepEqual(
    [
      at("2025-01-01T00:00:00Z", 365 * day),
      at("2025-01-01T00:00:00Z", 30 * day),
      at("2025-04-01T00:00:00Z", 90 * day),
      at("2025-06-10T00:00:00Z", 3 * day),
      at("2025-06-10T00:00:00Z", hour),
      at("2025-06-10T14:15:00Z", 15 * minute),
      at("2025-06-10T14:15:05Z", 5_000),
    ],
    ["2025", "2025", "Apr", "10 Jun", "10 Jun", "14:15", "14:15:05"],
  );
});
