import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { moveBy, type Span, zoomBy, zoomTo } from "./zoom.ts";

const WHOLE: Span = { from: 1000, until: 61_000 };

describe("the part of the axis that is looked at", () => {
  it("comes nearer around what stays in its place, and goes back to all of it", () => {
    assert.deepEqual(zoomBy(WHOLE, WHOLE, 0.5, 31_000), { from: 16_000, until: 46_000 });
    assert.deepEqual(zoomBy(WHOLE, WHOLE, 0.5, 1000), { from: 1000, until: 31_000 });
    assert.equal(zoomBy({ from: 16_000, until: 46_000 }, WHOLE, 2, 31_000), undefined);
  });

  it("shows a span with something around it", () => {
    assert.deepEqual(zoomTo({ from: 11_000, until: 13_000 }, WHOLE), { from: 10_500, until: 13_500 });
    assert.deepEqual(zoomTo({ from: 1000, until: 3000 }, WHOLE), { from: 1000, until: 4000 });
    assert.equal(zoomTo(WHOLE, WHOLE), undefined);
  });

  it("moves on and back, and not beyond the ends", () => {
    assert.deepEqual(moveBy({ from: 11_000, until: 21_000 }, WHOLE, 0.5), { from: 16_000, until: 26_000 });
    assert.deepEqual(moveBy({ from: 11_000, until: 21_000 }, WHOLE, -5), { from: 1000, until: 11_000 });
    assert.deepEqual(moveBy({ from: 11_000, until: 21_000 }, WHOLE, 99), { from: 51_000, until: 61_000 });
  });

  it("lies on the axis, whatever is done", () => {
    const step = fc.record({
      by: fc.double({ min: 0.05, max: 20, noNaN: true }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let view = WHOLE;
        for (const { by, at } of steps) {
          const middle = view.from + at * (view.until - view.from);
          view = moveBy(zoomBy(view, WHOLE, by, middle) ?? WHOLE, WHOLE, at - 0.5);
          assert.ok(view.from >= WHOLE.from - 1e-6 && view.until <= WHOLE.until + 1e-6 && view.until > view.from);
        }
      }),
    );
  });
});
