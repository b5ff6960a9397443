import assert from "node:assert/strict";
import { it } from "node:test";
import { formatBytes } from "./format-bytes.ts";

it("writes sizes for people", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [9_949, "9.9 kB"],
    [62_400_000, "62 MB"],
    [999_600, "1.0 MB"],
    [5_000_000_000_000_000, "5000 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});
