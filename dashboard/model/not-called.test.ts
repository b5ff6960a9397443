import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Finding } from "../../src/engine/finding.ts";
import type { RunState } from "../../src/engine/state.ts";
import { findingOf, firstInTrouble, isNotCalled } from "./not-called.ts";

const NODES = [
  { id: "fetch", service: { name: "reader" } },
  { id: "price", service: { name: "pricing" } },
  { id: "box" },
];
const down: Finding = { severity: "error", code: "SERVICE_UNREACHABLE", service: "pricing", message: "down" };
const image: Finding = { severity: "error", code: "SERVICE_UNREACHABLE", node: "box", message: "no image" };
const slow: Finding = { severity: "warning", code: "SERVICE_SILENT", service: "reader", message: "slow" };

describe("what a failed preflight says of nodes", () => {
  it("belongs to the nodes that call the service, or to the one that needs it", () => {
    const state = { findings: [slow, down, image] };
    assert.deepEqual(
      NODES.map((node) => findingOf(node, state)?.message),
      [undefined, "down", "no image"],
    );
    assert.equal(findingOf(undefined, state), undefined);
  });

  it("opens the first of them, unless a node has failed", () => {
    const state = { findings: [slow, down] } as unknown as RunState;
    assert.equal(firstInTrouble(NODES, state), "price");
    const failed = { ...state, firstFailure: { nodeId: "box", error: down } } as unknown as RunState;
    assert.equal(firstInTrouble(NODES, failed), "box");
    assert.equal(firstInTrouble(NODES, { findings: [] } as unknown as RunState), undefined);
  });

  it("lets nobody wait for nodes of a run that has ended", () => {
    assert.equal(isNotCalled("pending", { status: "failed" }), true);
    assert.equal(isNotCalled("pending", { status: "running" }), false);
    assert.equal(isNotCalled("skipped", { status: "failed" }), false);
  });
});
