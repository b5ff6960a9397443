import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeOf, workflowPath } from "./router.ts";

const pathOf = (address: string) => placeOf(new URL(address, "http://busbar.test")).path;

describe("an address", () => {
  it("names what has slashes, percent signs and other letters", () => {
    for (const name of ["a/b", "100%", "a?b#c", "%2F", "👩‍👩‍👧‍👦", "\u202e", "__proto__", "\\"]) {
      assert.deepEqual(pathOf(workflowPath(name)), ["workflows", name]);
    }
  });

  it("is taken as it stands where it is no encoding of anything", () => {
    assert.deepEqual(pathOf("/runs/100%"), ["runs", "100%"]);
    assert.deepEqual(pathOf("/runs/%E0%A4%A"), ["runs", "%E0%A4%A"]);
  });
});
