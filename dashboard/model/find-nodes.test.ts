import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findNodes } from "./find-nodes.ts";

const ids = ["preload-1", "load-10", "load-1", "clean-1"];

describe("findNodes", () => {
  it("has the node of that name first, then those that begin with it, then the others", () => {
    assert.deepEqual(findNodes(ids, "Load-1", 9), { ids: ["load-1", "load-10", "preload-1"], total: 3 });
  });

  it("says how many more there are", () => {
    assert.deepEqual(findNodes(ids, "1", 2), { ids: ["preload-1", "load-10"], total: 4 });
  });

  it("finds nothing by nothing", () => {
    assert.deepEqual(findNodes(ids, "  ", 9), { ids: [], total: 0 });
  });
});
