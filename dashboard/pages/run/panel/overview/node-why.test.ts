import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NodeReason } from "../../../../../src/engine/explanation.ts";
import type { NodeState } from "../../../../../src/engine/state.ts";
import type { RunView } from "../../../../api/shapes.ts";
import { nodeWhy } from "./node-why.ts";

const nodeOf = (status: NodeState["status"], more: Partial<NodeState> = {}): NodeState =>
  ({ id: "load", status, attempts: [], upstream: [0, 1, 2], ...more }) as unknown as NodeState;
const runOf = (reason: NodeReason): Pick<RunView, "explanation"> => ({
  explanation: { reason: { kind: "under_way" }, nodes: [{ id: "load", reason }], limits: [], called_again: [] },
});
const WAITING = nodeOf("waiting", {
  attempts: [{ attempt: 1, idempotencyKey: "r/load/1", startedAt: "", epoch: 1, retryAt: "2026-11-23T16:23:32.690Z" }],
});

describe("why a node stands where it stands", () => {
  it("is said in the words of explain", () => {
    const run = runOf({ kind: "upstream", waits_for: ["fetch", "clean"] });
    assert.equal(nodeWhy(run, nodeOf("pending"), false), "Waits for fetch, clean.");
    // All of them stand there anyway.
    assert.equal(nodeWhy(run, nodeOf("pending", { upstream: [0, 1] }), false), undefined);
  });

  it("says since when it is running, and until when at the latest", () => {
    const [since, until] = ["2026-11-23T16:23:32.690Z", "2026-11-23T16:33:32.690Z"];
    assert.equal(
      nodeWhy(runOf({ kind: "running", attempt: 1, since, until }), nodeOf("running"), false),
      "Running since 2026-11-23 16:23:32Z, until 2026-11-23 16:33:32Z at the latest.",
    );
  });

  it("is not said of a node that has settled, nor where the events are further on than the explanation", () => {
    const run = runOf({ kind: "upstream", waits_for: ["fetch"] });
    assert.equal(nodeWhy(run, nodeOf("succeeded"), false), undefined);
    assert.equal(nodeWhy(run, nodeOf("running"), false), undefined);
    assert.equal(nodeWhy(runOf({ kind: "paused" }), nodeOf("pending"), false), "Paused.");
  });

  it("of the past says only what had been recorded by then", () => {
    const run = runOf({ kind: "upstream", waits_for: ["fetch"] });
    assert.equal(nodeWhy(run, nodeOf("pending"), true), undefined);
    assert.equal(nodeWhy(run, WAITING, true), "Is tried again at 16:23:32.690.");
  });
});
