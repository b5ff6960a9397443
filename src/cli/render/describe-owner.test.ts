import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeOwner } from "./describe-owner.ts";

const SINCE = { alive: true, started_at: "2026-11-23T14:00:00.000Z" };

describe("describeOwner", () => {
  it("names a process, or where a cluster is", () => {
    assert.equal(describeOwner({ ...SINCE, pid: 12, host: "edge\u001b" }), "process 12 on edge\\x1b");
    const cluster = { url: "http://restate:8080", invocation: "inv_1" };
    assert.equal(describeOwner({ ...SINCE, cluster }), "drive on the cluster at http://restate:8080");
    assert.equal(describeOwner(undefined), "process");
  });
});
