import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listingOf, ownerOf } from "./testing.ts";
import { whyLine } from "./why-line.ts";

describe("whyLine", () => {
  it("takes the node apart from what it failed of", () => {
    const message = "clean failed: NODE_TIMED_OUT: no answer within 30 s: that failed: X: (and 1 more node failed)";
    assert.deepEqual(whyLine(listingOf({ status: "failed", error: { code: "RUN_NODE_FAILED", message } })), {
      node: "clean",
      text: ": no answer within 30 s: that failed: X: (and 1 more node failed)",
      isBad: true,
    });
  });

  it("names once a service that is called like its node", () => {
    const message = "energy-analyzer failed: SERVICE_UNREACHABLE: energy-analyzer at localhost:50052 cannot be reached";
    const { node, text } = whyLine(listingOf({ status: "failed", error: { code: "RUN_NODE_FAILED", message } })) ?? {};
    assert.equal(`${node}${text}`, "energy-analyzer at localhost:50052 cannot be reached");
  });

  it("says what preflight did not find, and what it does not know as it is told", () => {
    const text = "energy-analyzer at localhost:50052 cannot be reached";
    const unreachable = { code: "SERVICE_UNREACHABLE", message: text };
    assert.deepEqual(whyLine(listingOf({ status: "failed", error: unreachable })), { text, isBad: true });
    assert.equal(
      whyLine(listingOf({ status: "failed", error: { code: "NEW", message: "" } }))?.text,
      "NEW",
      "no message: the code",
    );
    assert.equal(whyLine(listingOf({ status: "failed" }))?.text, "failed");
  });

  it("says of a run that goes on what its nodes do", () => {
    const running = { status: "running", owner: ownerOf(true) } as const;
    const counts = { running: 16, waiting: 1, failed: 2 };
    assert.deepEqual(whyLine(listingOf({ ...running, counts })), {
      text: "16 running, 1 waits to be tried again, 2 failed",
      isBad: true,
    });
    assert.equal(whyLine(listingOf({ ...running, paused: true }))?.text, "no attempt starts");
    assert.equal(whyLine(listingOf(running))?.text, "no node at work");
  });

  it("says who is gone, and of one that succeeded nothing", () => {
    const run = listingOf({ status: "running", owner: ownerOf(false) });
    assert.equal(whyLine(run)?.text, "its owner (pid 4211 on edge-2) is gone");
    const cluster = { url: "http://restate:8080", invocation: "inv_1" };
    const owner = { cluster, alive: false, started_at: "2026-11-23T14:00:00.000Z" };
    assert.equal(whyLine({ ...run, owner })?.text, "its drive on the cluster at http://restate:8080 is gone");
    assert.equal(whyLine(listingOf()), undefined);
  });
});
