import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ComparedRun, compareRuns, describeLonger, summarizeComparison } from "./compare-runs.ts";

type NodeView = ComparedRun["nodes"][number];

function nodeOf(id: string, node: Partial<NodeView> = {}, ...tookMs: number[]): NodeView {
  const attempts = tookMs.map((duration_ms, index) => ({
    attempt: index + 1,
    idempotency_key: "",
    started_at: new Date(Date.UTC(2026, 10, 23) + index * 1000).toISOString(),
    duration_ms,
  }));
  return { id, status: "succeeded", upstream: [], attempts, ...node };
}

function runOf(run: Partial<ComparedRun>): ComparedRun {
  return { run_id: "r", workflow: "w", status: "succeeded", params: {}, definition_hash: "h", nodes: [], ...run };
}

const ERROR = { code: "SERVICE_UNREACHABLE", message: "" };

describe("two runs side by side", () => {
  it("pairs nodes by their names, in the order of the first; what only one has stands alone", () => {
    const a = runOf({ nodes: [nodeOf("x"), nodeOf("gone")] });
    const b = runOf({ nodes: [nodeOf("new"), nodeOf("x")] });
    const { nodes } = compareRuns(a, b);
    assert.deepEqual(
      nodes.map(({ id, a, b, differs }) => [id, a !== undefined, b !== undefined, differs]),
      [
        ["x", true, true, false],
        ["gone", true, false, true],
        ["new", false, true, true],
      ],
    );
  });

  it("tells how much longer a node took, waits between attempts included", () => {
    const a = runOf({ nodes: [nodeOf("x", {}, 500)] });
    const b = runOf({ nodes: [nodeOf("x", {}, 300, 700)] });
    const [pair] = compareRuns(a, b).nodes;
    assert.deepEqual([pair?.a?.tookMs, pair?.b?.tookMs, pair?.b?.attempts], [500, 1700, 2]);
    assert.deepEqual([pair?.longerMs, pair?.differs], [1200, true]);
  });

  it("does not call times different that nearly are the same", () => {
    const differs = (before: number, after: number): boolean | undefined =>
      compareRuns(runOf({ nodes: [nodeOf("x", {}, before)] }), runOf({ nodes: [nodeOf("x", {}, after)] })).nodes[0]
        ?.differs;
    assert.deepEqual(
      [differs(10, 99), differs(10, 120), differs(10_000, 11_900), differs(10_000, 7_900)],
      [...[false, true, false, true]],
    );
  });

  it("says why a node stands as it does", () => {
    const failed = nodeOf("x", { status: "failed", error: ERROR }, 5);
    const skipped = nodeOf("y", { status: "skipped", because: "x" });
    const kept = nodeOf("z", { reused_from: "r0" });
    const { nodes } = compareRuns(runOf({}), runOf({ nodes: [failed, skipped, kept] }));
    assert.deepEqual(
      nodes.map(({ b }) => b?.why),
      ["SERVICE_UNREACHABLE", "because of x", "from r0"],
    );
    assert.equal(nodes[1]?.b?.tookMs, undefined);
    const [pair] = compareRuns(runOf({ nodes: [nodeOf("x", {}, 900)] }), runOf({ nodes: [failed] })).nodes;
    assert.deepEqual([pair?.longerMs, pair?.differs], [undefined, true]);
  });

  it("lists params that differ, and counts the others", () => {
    const a = runOf({ params: { n: 1, s: "x", only_a: true } });
    const b = runOf({ params: { n: 1, s: "y", only_b: 2 } });
    const { params, sameParams } = compareRuns(a, b);
    assert.equal(sameParams, 1);
    assert.deepEqual(params, [
      { name: "s", a: "x", b: "y" },
      { name: "only_a", a: "true" },
      { name: "only_b", b: "2" },
    ]);
  });

  it("sums up what is different", () => {
    const a = runOf({ duration_ms: 600, nodes: [nodeOf("x", {}, 500), nodeOf("y", {}, 100)], params: { p: 1 } });
    const b = runOf({
      ...{ status: "failed", duration_ms: 2_000, definition_hash: "other", params: { p: 2 } },
      nodes: [nodeOf("x", {}, 1_500), nodeOf("y", { status: "failed", error: ERROR }, 90)],
    });
    assert.deepEqual(summarizeComparison(a, b, compareRuns(a, b)), [
      "A succeeded, B failed.",
      "y ended otherwise.",
      "x is what took most longer (+1.0 s, 3.0×).",
      "p is given otherwise.",
      "The definition is another.",
    ]);
    const slower = { ...a, duration_ms: 2_000 };
    assert.equal(summarizeComparison(a, slower, compareRuns(a, slower))[1], "B took 1.4 s longer than A.");
    assert.deepEqual(summarizeComparison(a, a, compareRuns(a, a)), [
      ...["Both succeeded.", "They took about as long.", "The definition is the same."],
    ]);
  });
});

it("writes differences of durations", () => {
  assert.deepEqual(
    [
      [1200, 800],
      [-40, 100],
      [0.2, 5],
      [100, 1000],
      [99_000, 1000],
    ].map(([longer = 0, before = 0]) => describeLonger(longer, before)),
    ["+1.2 s, 2.5×", "−40 ms", "the same", "+100 ms", "+1m 39s, 100×"],
  );
});
