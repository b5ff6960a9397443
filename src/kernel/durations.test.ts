import assert from "node:assert/strict";
import { it } from "node:test";
import { formatDuration } from "./durations.ts";

it("writes durations for people", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.84, "840 µs"],
    [41.2, "41 ms"],
    [999.6, "1.0 s"],
    [3210, "3.2 s"],
    [59_960, "1m 00s"],
    [247_000, "4m 07s"],
    [7_500_000, "2h 05m"],
    [273_600_000, "3d 04h"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});
