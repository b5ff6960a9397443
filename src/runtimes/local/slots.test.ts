import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSlots } from "./slots.ts";

describe("slots", () => {
  it("hands a free slot to whoever has waited longest", () => {
    const slots = createSlots();
    const granted: string[] = [];
    assert.equal(
      slots.acquire("x", 1, () => assert.fail()),
      true,
    );
    slots.acquire("x", 1, () => granted.push("first"));
    slots.acquire("x", 1, () => granted.push("second"));
    slots.release("x");
    assert.deepEqual(granted, ["first"]);
    slots.release("x");
    assert.deepEqual(granted, ["first", "second"]);
  });

  it("lets nobody wait for slots that only others may not use", () => {
    const slots = createSlots();
    const granted: string[] = [];
    slots.acquire("x", 5, () => assert.fail());
    slots.acquire("x", 1, () => granted.push("narrow"));
    assert.equal(
      slots.acquire("x", 5, () => assert.fail()),
      true,
      "four slots are free for a run that allows five",
    );
    slots.release("x");
    slots.release("x");
    assert.deepEqual(granted, ["narrow"]);
  });

  it("grants nothing to those who left the line, and counts addresses apart", () => {
    const slots = createSlots();
    slots.acquire("x", 1, () => assert.fail());
    const leave = slots.acquire("x", 1, () => assert.fail("it has left"));
    assert.ok(leave !== true);
    leave();
    slots.release("x");
    assert.equal(
      slots.acquire("y", 1, () => assert.fail()),
      true,
    );
  });
});
