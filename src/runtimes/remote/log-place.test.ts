import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LogLine } from "../../ports/run-logs.ts";
import { createLogPlace } from "./log-place.ts";

const line = (node_id: string, attempt: number, ms: number, text: string): LogLine => ({
  at: new Date(ms).toISOString(),
  ...{ node_id, attempt, stream: "stdout", text },
});

/** What is given of a reading that is cut off after so many lines, and of the one that goes on behind it. */
function readTwice(first: readonly LogLine[], all: readonly LogLine[], isWhole: boolean, latest = false) {
  const place = createLogPlace(isWhole, latest);
  for (const one of first) place.give(one);
  const isGiven = place.again();
  const more: LogLine[] = [];
  for (const one of all) {
    if (isGiven(one)) continue;
    place.give(one);
    more.push(one);
  }
  return [...first, ...more];
}

/** Lines of two nodes, each with attempts whose lines follow each other, mixed as they were written. */
const anyLines = fc
  .array(
    fc.record({
      node: fc.constantFrom("a", "b"),
      next: fc.boolean(),
      pause: fc.nat(2),
      text: fc.constantFrom("x", "y"),
    }),
  )
  .map((steps) => {
    let ms = 0;
    const attempts = new Map<string, number>();
    return steps.map(({ node, next, pause, text }) => {
      ms += pause;
      const attempt = (attempts.get(node) ?? 1) + (next ? 1 : 0);
      attempts.set(node, attempt);
      return line(node, attempt, ms, text);
    });
  });

describe("createLogPlace", () => {
  it("goes on behind what was given of each attempt, so that every line is given once", () => {
    fc.assert(
      fc.property(anyLines, fc.nat(), (all, cut) => {
        const first = all.slice(0, cut % (all.length + 1));
        assert.deepEqual(readTwice(first, all, true), all);
      }),
    );
  });

  it("gives nothing again of what a tail had cut off, and all that came since", () => {
    const all = [1, 2, 3, 4, 5, 6].map((ms) => line("a", 1, ms, `${ms}`));
    assert.deepEqual(readTwice(all.slice(2, 4), all, false), all.slice(2));
    const burst = [1, 2, 3, 3, 3, 4, 4].map((ms, index) => line("a", 1, ms, `${index}`));
    assert.deepEqual(readTwice(burst.slice(1, 2), burst, false), burst.slice(1));
    const others = [line("b", 1, 1, "old"), ...all, line("b", 1, 7, "new")];
    assert.deepEqual(readTwice(all.slice(2, 4), others, false), [...all.slice(2), line("b", 1, 7, "new")]);
  });

  it("finds its place among lines of one millisecond", () => {
    const all = ["x", "x", "y", "x", "z", "w"].map((text) => line("a", 1, 1, text));
    assert.deepEqual(readTwice(all.slice(3, 5), all, false), all.slice(3));
    assert.deepEqual(readTwice(all.slice(2, 5), all, false), all.slice(2));
  });

  it("follows a node to its later attempts, and leaves out those before", () => {
    const all = [line("a", 1, 1, "1"), line("a", 2, 2, "2"), line("a", 2, 3, "3"), line("a", 3, 4, "4")];
    assert.deepEqual(readTwice(all.slice(1, 2), all, true, true), all.slice(1));
  });
});
