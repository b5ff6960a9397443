import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { depthOf, MAX_AT_ONCE, PAGE, takeBeginning, takeNext } from "./run-pages.ts";
import { listingOf } from "./testing.ts";

const listOf = (ids: string, next?: string) => ({
  runs: ids.split(" ").map((run_id) => listingOf({ run_id })),
  damaged: [],
  ...(next === undefined ? {} : { next }),
});
const idsOf = (pages: ReturnType<typeof takeNext>) => pages.runs.map(({ run_id }) => run_id).join(" ");

describe("takeBeginning", () => {
  it("puts new runs above, and keeps what is below", () => {
    const known = takeNext(listOf("r5 r4 r3", "c3"), listOf("r2 r1"));
    const now = takeBeginning(known, listOf("r7 r6 r5 r4", "c4"));
    assert.equal(idsOf(now), "r7 r6 r5 r4 r3 r2 r1");
    assert.equal(now.next, undefined);
  });

  it("does not grow as runs come, and can be read on for what they push out", () => {
    const now = takeBeginning(listOf("r3 r2 r1", "c1"), listOf("r5 r4 r3", "c3"));
    assert.equal(idsOf(now), "r5 r4 r3");
    assert.equal(now.next, "c3");
  });

  it("takes out what is there no more, and keeps what is as it was", () => {
    const known = listOf("r3 r2 r1");
    const now = takeBeginning(known, listOf("r3 r1"));
    assert.equal(idsOf(now), "r3 r1");
    assert.equal(now.runs[0], known.runs[0], "the same object");
    const changed = { runs: [listingOf({ run_id: "r3", last_seq: 2 })], damaged: [] };
    assert.notEqual(takeBeginning(known, changed).runs[0], known.runs[0]);
  });

  it("begins anew where so much is new that the two do not meet", () => {
    const now = takeBeginning(listOf("r2 r1"), listOf("r9 r8", "c8"));
    assert.equal(idsOf(now), "r9 r8");
    assert.equal(now.next, "c8");
  });

  it("goes on where the fresh list does, if it is all there is to show", () => {
    assert.equal(takeBeginning(listOf("r2 r1", "c1"), listOf("r3 r2 r1", "c1b")).next, "c1b");
    assert.equal(takeBeginning(undefined, listOf("r1", "c1")).next, "c1");
  });
});

describe("takeNext", () => {
  it("puts no run below that is above", () => {
    const now = takeNext(listOf("r3 r2", "c2"), listOf("r2 r1", "c1"));
    assert.equal(idsOf(now), "r3 r2 r1");
    assert.equal(now.next, "c1");
  });
});

describe("depthOf", () => {
  it("is all that is shown, at least a page, at most what the server gives", () => {
    assert.equal(depthOf(listOf("r1")), PAGE);
    assert.equal(depthOf({ runs: Array.from({ length: 70 }, () => listingOf()), damaged: [] }), 70);
    assert.equal(depthOf({ runs: Array.from({ length: 2_000 }, () => listingOf()), damaged: [] }), MAX_AT_ONCE);
  });
});
