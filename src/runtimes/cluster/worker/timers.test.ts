import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Timer } from "../../../engine/inputs.ts";
import { createTimers, type Timers } from "./timers.ts";

const node = (nodeId: string): Timer => ({ of: "node", nodeId });

/** What is due by then, in order. */
function takeAll(timers: Timers, nowMs: number): string[] {
  const taken: string[] = [];
  for (let due = timers.takeDue(nowMs); due !== undefined; due = timers.takeDue(nowMs)) {
    taken.push(`${due.timer.of === "run" ? "run" : due.timer.nodeId} ${due.dueMs}`);
  }
  return taken;
}

describe("the timers of a drive", () => {
  it("are due in order of time, and of two at one moment the first that was armed", () => {
    const timers = createTimers();
    for (const [id, dueMs] of [
      ["c", 30],
      ["a", 10],
      ["d", 30],
      ["b", 20],
    ] as const)
      timers.arm(node(id), dueMs);
    timers.arm({ of: "run" }, 15);
    assert.equal(timers.earliest()?.dueMs, 10);
    assert.deepEqual(takeAll(timers, 20), ["a 10", "run 15", "b 20"]);
    assert.deepEqual(takeAll(timers, 29), []);
    assert.equal(timers.earliest()?.dueMs, 30);
    assert.deepEqual(takeAll(timers, 30), ["c 30", "d 30"]);
    assert.equal(timers.earliest()?.dueMs, undefined);
  });

  it("are each armed once, and not at all once they are disarmed", () => {
    const timers = createTimers();
    for (const id of ["a", "b", "c"]) timers.arm(node(id), 10);
    timers.arm(node("a"), 20);
    timers.disarm(node("b"));
    timers.disarm(node("nobody"));
    assert.deepEqual(takeAll(timers, 100), ["c 10", "a 20"]);
  });
});
