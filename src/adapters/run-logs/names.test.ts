import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAttempt, parseSegmentName, segmentName } from "./names.ts";

describe("names of files", () => {
  it("are read as they are written, and others are none of ours", () => {
    const name = { round: 1, writer: 2, offset: 8388608, isOlder: false };
    assert.equal(segmentName(name), "1.2.000000008388608.log");
    assert.equal(segmentName({ ...name, isOlder: true }), "1.2.000000008388608.jsonl");
    for (const isOlder of [false, true]) {
      assert.deepEqual(parseSegmentName(segmentName({ ...name, isOlder })), { ...name, isOlder });
    }
    for (const other of ["1.2.8.log", "notes.txt", ".1.2.000000008388608.log", "1.2.000000008388608.txt"]) {
      assert.equal(parseSegmentName(other), undefined);
    }
    assert.deepEqual(["1", "12", "0", "01", "x", "1.5"].map(parseAttempt), [1, 12, ...Array(4).fill(undefined)]);
  });
});
