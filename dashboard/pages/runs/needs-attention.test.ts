import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { needsAttention } from "./needs-attention.ts";
import { listingOf, ownerOf } from "./testing.ts";

const found = (...runs: Parameters<typeof needsAttention>[0][number][]) =>
  needsAttention(runs).map(({ run, step, earlier }) => `${step} ${run.run_id}${earlier > 0 ? ` and ${earlier}` : ""}`);

describe("needsAttention", () => {
  it("names of each workflow the last failure, and how many went before it since it last succeeded", () => {
    assert.deepEqual(
      found(
        listingOf({ run_id: "r5", status: "failed" }),
        listingOf({ run_id: "r4", status: "failed" }),
        listingOf({ run_id: "r3", status: "failed" }),
        listingOf({ run_id: "r2" }),
        listingOf({ run_id: "r1", status: "failed" }),
        listingOf({ run_id: "r0", workflow: "other", status: "failed" }),
      ),
      ["resume r5 and 2", "resume r0"],
    );
  });

  it("leaves out a failure after which the workflow has succeeded", () => {
    assert.deepEqual(found(listingOf({ run_id: "r2" }), listingOf({ run_id: "r1", status: "failed" })), []);
  });

  it("names each run that nobody drives, and each that is paused", () => {
    assert.deepEqual(
      found(
        listingOf({ run_id: "r3", status: "running", owner: ownerOf(false), paused: true }),
        listingOf({ run_id: "r2", status: "running", owner: ownerOf(true), paused: true }),
        listingOf({ run_id: "r1", status: "running", owner: ownerOf(true) }),
      ),
      ["resume r3", "unpause r2"],
    );
  });
});
