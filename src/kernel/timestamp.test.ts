import assert from "node:assert/strict";
import { it } from "node:test";
import { parseTimestamp, timestampOf } from "./timestamp.ts";

it("reads a time, and no day that its month does not have", () => {
  for (const text of ["2026-11-23T15:04:05.678Z", "2028-02-29T00:00:00.000Z", "0004-02-29T00:00:00.000Z"]) {
    assert.equal(parseTimestamp(text), Date.parse(text));
  }
  assert.equal(timestampOf(parseTimestamp("2026-11-23T15:04:05+01:00")), "2026-11-23T14:04:05.000Z");
  for (const text of [
    "2026-02-31T00:00:00Z",
    "2026-02-29",
    "2026-04-31T10:00:00+01:00",
    "2026-13-01",
    "2026-01-32",
    "x",
    "",
  ]) {
    assert.ok(Number.isNaN(parseTimestamp(text)), text);
  }
});
