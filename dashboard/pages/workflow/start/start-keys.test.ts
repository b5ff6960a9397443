import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createStartKeys } from "./start-keys.ts";

describe("the key of a start", () => {
  it("stays while the same is asked for, and is another for anything else", () => {
    const keys = createStartKeys();
    const first = keys.keyOf({ workflow: "a", params: {} });
    assert.match(first, /^[0-9a-f]{32}$/);
    assert.equal(keys.keyOf({ workflow: "a", params: {} }), first);
    assert.notEqual(keys.keyOf({ workflow: "a", params: { day: 1 } }), first);
  });
});
