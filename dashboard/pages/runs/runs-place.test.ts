import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isNarrowed, listQueryOf, readRunsPlace } from "./runs-place.ts";

const read = (query: string) => readRunsPlace(new URLSearchParams(query));

describe("the address of the runs page", () => {
  it("says which runs are shown", () => {
    assert.deepEqual(read("status=failed&q=meter&workflow=w&day=2026-02-28"), {
      chip: "failed",
      text: "meter",
      workflow: "w",
      day: "2026-02-28",
    });
    assert.ok(isNarrowed(read("day=2026-02-28")));
  });

  it("shows all where it says nothing, or nothing that there is", () => {
    assert.deepEqual(read(""), { text: "" });
    assert.deepEqual(read("status=lost&day=yesterday&day=2026-99-99"), { text: "" });
    assert.ok(!isNarrowed(read("q=%20")));
  });
});

describe("listQueryOf", () => {
  it("asks for those that nobody drives, and else not for them", () => {
    assert.deepEqual(listQueryOf(read("status=interrupted")), { interrupted: "true", limit: 50 });
    assert.deepEqual(listQueryOf(read("status=running")), { status: "running", interrupted: "false", limit: 50 });
  });

  it("asks for a text without what stands around it", () => {
    assert.deepEqual(listQueryOf(read("q=+no+answer+")), { text: "no answer", limit: 50 });
    assert.deepEqual(listQueryOf(read("q=+")), { limit: 50 });
  });

  it("asks for a day from its beginning to that of the next", () => {
    assert.deepEqual(listQueryOf(read("workflow=w&day=2026-12-31")), {
      workflow: "w",
      ended_since: "2026-12-31T00:00:00Z",
      ended_before: "2027-01-01T00:00:00.000Z",
      limit: 50,
    });
  });
});
