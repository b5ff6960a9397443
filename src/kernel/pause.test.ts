import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { createSteppingClock } from "./clock.ts";
import { pause, waitAtMost } from "./pause.ts";

/** Whether it has been settled by now. */
async function isOver(work: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  await new Promise(setImmediate);
  return (await Promise.race([work, Promise.resolve(pending)])) !== pending;
}

describe("pause", () => {
  it("is over after its time, and leaves nothing", async () => {
    const clock = createSteppingClock();
    const { signal } = new AbortController();
    const paused = pause(clock, 100, signal, undefined);
    clock.advance(99);
    assert.equal(await isOver(paused), false);
    clock.advance(1);
    assert.equal(await isOver(paused), true);
    assert.deepEqual([clock.pending(), getEventListeners(signal, "abort").length], [0, 0]);
  });

  it("is over when one of its signals aborts, or has aborted already", async () => {
    const clock = createSteppingClock();
    const [one, other] = [new AbortController(), new AbortController()];
    const paused = pause(clock, 100, one.signal, other.signal);
    assert.equal(await isOver(paused), false);
    other.abort();
    assert.equal(await isOver(paused), true);
    assert.equal(await isOver(pause(clock, 100, one.signal, other.signal)), true);
    assert.deepEqual([clock.pending(), getEventListeners(one.signal, "abort").length], [0, 0]);
  });
});

describe("waitAtMost", () => {
  it("waits for the work or for its time, whichever ends first", async () => {
    const clock = createSteppingClock();
    const work = Promise.withResolvers<void>();
    const [short, long] = [waitAtMost(clock, work.promise, 10), waitAtMost(clock, work.promise, 100)];
    clock.advance(10);
    assert.deepEqual([await isOver(short), await isOver(long)], [true, false]);
    work.resolve();
    assert.equal(await isOver(long), true);
    assert.equal(clock.pending(), 0);
  });

  it("fails as the work does", async () => {
    const clock = createSteppingClock();
    await assert.rejects(waitAtMost(clock, Promise.reject(new Error("no")), 10), /no/);
    assert.equal(clock.pending(), 0);
  });
});
