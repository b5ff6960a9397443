import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../src/engine/events.ts";
import { countUntil, eventMarks } from "./event-marks.ts";

const AT = [0, 10, 11, 12, 500, 990];
const EVENTS = AT.map((ms, index) => event(ms, index + 1, ms === 500 ? "run.failed" : "run.started"));

describe("what the slider draws", () => {
  it("is a bar for each piece of the time that has events, beside the fullest", () => {
    assert.deepEqual(eventMarks(told(EVENTS), 0, 1000, 10), [
      { piece: 0, height: 1, hasFailure: false },
      { piece: 5, height: 0.25, hasFailure: true },
      { piece: 9, height: 0.25, hasFailure: false },
    ]);
  });

  it("leaves out what is not in the part of the time that is looked at", () => {
    assert.deepEqual(
      eventMarks(told(EVENTS), 5, 505, 10).map(({ piece }) => piece),
      [0, 9],
    );
  });

  it("has room for an event at the very end, and for a time of no length", () => {
    assert.deepEqual(
      eventMarks(told([event(1000, 1)]), 0, 1000, 10).map(({ piece }) => piece),
      [9],
    );
    assert.equal(eventMarks(told([event(0, 1)]), 0, 0, 10).length, 1);
  });
});

describe("how many events were recorded until an instant", () => {
  it("is all of them that are not later, and at least the first", () => {
    const counts = [-5, 0, 9, 10, 11.5, 499, 500, 5000].map((at) => countUntil(AT, at));
    assert.deepEqual(counts, [1, 1, 1, 2, 3, 4, 5, 6]);
  });
});

function told(events: readonly RunEvent[]) {
  return { events, instants: events.map(({ at }) => Date.parse(at)) };
}

function event(ms: number, seq: number, type = "run.started"): RunEvent {
  const body = { type } as EventBody;
  return { seq, at: new Date(ms).toISOString(), run_id: "r1", epoch: 1, ...body };
}
