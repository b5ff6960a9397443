import assert from "node:assert/strict";
import { it } from "node:test";
import { createSteppingClock } from "./clock.ts";

it("fires timers in order of time, then of setting, and only when stepped", () => {
  const clock = createSteppingClock(1000);
  const fired: string[] = [];
  clock.after(20, () => fired.push("b"));
  clock.after(10, () => {
    fired.push("a");
    clock.after(10, () => fired.push("c"));
  });
  const cancel = clock.after(15, () => fired.push("never"));
  cancel();
  clock.advance(9);
  assert.deepEqual(fired, []);
  clock.advance(11);
  assert.deepEqual(fired, ["a", "b", "c"]);
  assert.equal(clock.now(), 1020);
  assert.equal(clock.pending(), 0);
});
