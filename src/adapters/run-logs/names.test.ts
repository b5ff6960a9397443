import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { folderName, parseAttempt, parseSegmentName, segmentName } from "./names.ts";

describe("folder names", () => {
  it("are the ids themselves where every file system takes them", () => {
    for (const id of ["extract", "energy-generator", "step_2.b", "20261123T154210-7f3k2q"]) {
      assert.equal(folderName(id), id);
    }
  });

  it("differ for ids that some file system takes for the same", () => {
    const ids = ["a", "A", "é", "e\u0301", "con", "CON", "con.txt", "a.", "a ", " a", "20261123t154210-7f3k2q"];
    const names = ids.concat("20261123T154210-7f3k2q", "", ".", "..", "~", "_a~", "…").map(folderName);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
    for (const name of names) assert.doesNotMatch(name, /^(con|prn|aux|nul)(\.|$)|[. ]$|^\./i, name);
  });

  it("never lead out of their folder, whatever the id", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("/", "\\", ".", ":", "\0", "a", "B", "*", "é", "😀", "~"),
      maxLength: 100,
    });
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 100 })), (id) => {
        assert.match(folderName(id), /^[\w-][\w.~-]{0,63}$/);
      }),
    );
  });
});

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
