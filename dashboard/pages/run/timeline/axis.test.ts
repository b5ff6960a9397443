import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ticksOf } from "./axis.ts";

const labels = (spanMs: number, maxTicks: number): readonly string[] =>
  ticksOf(spanMs, maxTicks).map(({ label }) => label);

describe("the axis", () => {
  it("counts in steps that people count in", () => {
    assert.deepEqual(labels(4_000, 5), ["0", "1 s", "2 s", "3 s", "4 s"]);
    assert.deepEqual(labels(47_200, 5), ["0", "10 s", "20 s", "30 s", "40 s"]);
    assert.deepEqual(labels(140, 5), ["0", "50 ms", "100 ms"]);
    assert.deepEqual(labels(2.4 * 3_600_000, 5), ["0", "30m", "1h", "1h 30m", "2h"]);
    assert.deepEqual(labels(3 * 86_400_000, 5), ["0", "1d", "2d", "3d"]);
  });

  it("has no more ticks than there is room for, all of them on it, however long it is", () => {
    for (let spanMs = 1; spanMs < 1e13; spanMs = spanMs * 1.7 + 1) {
      for (const maxTicks of [1, 3, 8]) {
        const ticks = ticksOf(spanMs, maxTicks);
        assert.ok(ticks.length <= maxTicks + 1, `${spanMs} ms: ${ticks.length} ticks`);
        assert.ok(ticks.every(({ place }) => place >= 0 && place <= 1));
        assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length);
      }
    }
  });

  it("of a part that begins later says where, and counts on from there", () => {
    const ticks = ticksOf(400, 4, 65_210);
    assert.deepEqual(
      ticks.map(({ label }) => label),
      ["1m 05s", "+100 ms", "+200 ms", "+300 ms", "+400 ms"],
    );
  });

  it("of no time at all is its beginning", () => {
    assert.deepEqual(ticksOf(0, 5), [{ place: 0, label: "0" }]);
    assert.deepEqual(ticksOf(Number.NaN, 5), [{ place: 0, label: "0" }]);
  });
});
