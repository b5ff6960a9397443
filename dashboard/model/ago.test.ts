import assert from "node:assert/strict";
import { it } from "node:test";
import { describeAgo } from "./ago.ts";

it("an age is told in the largest unit that fits, and is never negative", () => {
  const at = "2026-11-23T12:00:00.000Z";
  const after = (ms: number) => describeAgo(at, Date.parse(at) + ms);
  assert.equal(after(-5_000), "just now");
  assert.equal(after(59_999), "59 s ago");
  assert.equal(after(60_000), "1 min ago");
  assert.equal(after(3_600_000 * 2 - 1), "1 h ago");
  assert.equal(after(86_400_000 * 9), "9 d ago");
});
