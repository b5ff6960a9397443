import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRowScroll } from "./row-scroll.ts";

describe("a scroll bar over rows", () => {
  it("gives each row its height where there are few", () => {
    const scroll = createRowScroll(100, 10, 24, 264);
    assert.equal(scroll.heightPx, 264 + 90 * 24);
    assert.equal(scroll.firstAt(0), 0);
    assert.equal(scroll.firstAt(24 * 7), 7);
    assert.equal(scroll.firstAt(90 * 24), 90);
    assert.equal(scroll.firstAt(1e9), 90);
  });

  it("reaches every row of many, within what browsers know", () => {
    for (const count of [1_000_000, 5_000_000]) {
      const scroll = createRowScroll(count, 12, 24, 300);
      assert.ok(scroll.heightPx < 17_000_000);
      for (const first of [0, 1, 499_999, scroll.lastFirst - 1, scroll.lastFirst]) {
        assert.equal(scroll.firstAt(scroll.topOf(first)), first);
      }
    }
  });

  it("does not move where all rows fit", () => {
    const scroll = createRowScroll(3, 12, 24, 300);
    assert.deepEqual([scroll.heightPx, scroll.firstAt(50), scroll.topOf(2), scroll.lastFirst], [300, 0, 0, 0]);
  });
});
