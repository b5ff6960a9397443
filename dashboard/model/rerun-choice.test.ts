import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventBody, RunEvent } from "../../src/engine/events.ts";
import { rerunCommand, rerunCount, rerunFrom } from "./rerun-choice.ts";
import { createRunHistory } from "./run-history.ts";

/** a > b > c, and d by itself; all but c and d have succeeded. */
const history = createRunHistory(
  {
    ...{ run_id: "r1", workflow: "w", definition_hash: "sha256:1" },
    nodes: [
      { id: "a", upstream: [] },
      { id: "b", upstream: ["a"] },
      { id: "c", upstream: ["b"] },
      { id: "d", upstream: [] },
    ],
  },
  ["a", "b"].map((node_id, index): RunEvent => {
    const body: EventBody = { type: "node.succeeded", node_id, attempt: 1, output: null, duration_ms: 1 };
    return { seq: index + 1, at: "2026-11-26T10:00:00.000Z", run_id: "r1", epoch: 1, ...body };
  }),
);
const state = history.stateAt(2);

describe("a rerun", () => {
  it("does again what did not succeed", () => {
    assert.equal(rerunFrom({ kind: "rest" }, state), undefined);
    assert.equal(rerunCount({ kind: "rest" }, state), 2);
  });

  it("does a node again with all that depends on it, beside what did not succeed", () => {
    assert.deepEqual(rerunFrom({ kind: "node", node: "b" }, state), ["b"]);
    assert.equal(rerunCount({ kind: "node", node: "b" }, state), 3);
  });

  it("does all again from the nodes that wait for none", () => {
    assert.deepEqual(rerunFrom({ kind: "all" }, state), ["a", "d"]);
    assert.equal(rerunCount({ kind: "all" }, state), 4);
  });

  it("says the words that do the same", () => {
    assert.equal(rerunCommand("r1"), "rerun r1");
    assert.equal(rerunCommand("r1", ["a b", "d"]), "rerun r1 --from 'a b' --from d");
  });
});
