// What a new run keeps of another, and what it does with it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BusbarError } from "../kernel/errors.ts";
import { createEngineRun, type EngineRun, FAILED, statuses } from "../testing/engine-run.ts";
import { anyGraph } from "../testing/graphs.ts";
import { createWorkflow, workflowOf } from "../testing/workflow-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { keepOutputs } from "./rerun.ts";
import { checkHistory } from "./rules.ts";

const LITERAL = "a > b > c; a > d";
const idsOf = (source: EngineRun, workflow: Workflow, ...from: readonly string[]): readonly string[] =>
  keepOutputs(source, workflow, from).map(({ nodeId }) => nodeId);
const again = (source: EngineRun, workflow: Workflow, ...from: readonly string[]): EngineRun =>
  createEngineRun(workflow, {
    runId: "run-2",
    rerun: { source: source.state.runId, kept: keepOutputs(source, workflow, from) },
  });
const refused = (work: () => unknown): readonly [code: string, message: string, details?: unknown] => {
  try {
    work();
  } catch (thrown) {
    assert.ok(thrown instanceof BusbarError);
    return thrown.details === undefined ? [thrown.code, thrown.message] : [thrown.code, thrown.message, thrown.details];
  }
  throw new assert.AssertionError({ message: "not refused" });
};

/** `b` has failed, and with it `c`. */
function failedRun(): EngineRun {
  const run = createEngineRun(workflowOf(LITERAL, { onFailure: "continue" }));
  run.end("a", { outcome: "succeeded", output: { message: "from a" } });
  run.end("b", FAILED);
  run.end("d", "ok");
  return run;
}

function succeededRun(): EngineRun {
  const run = createEngineRun(workflowOf(LITERAL));
  for (const id of ["a", "b", "d", "c"]) run.end(id, "ok");
  assert.equal(run.state.status, "succeeded");
  return run;
}

describe("a rerun keeps", () => {
  const workflow = workflowOf(LITERAL);

  it("what succeeded, as far as it depends on nothing that runs again", () => {
    assert.deepEqual(idsOf(failedRun(), workflow), ["a", "d"]);
    assert.deepEqual(idsOf(failedRun(), workflow, "c"), ["a", "d"]);
    assert.deepEqual(idsOf(failedRun(), workflow, "d"), ["a"]);
    assert.deepEqual(idsOf(succeededRun(), workflow, "b"), ["a", "d"]);
    assert.deepEqual(idsOf(succeededRun(), workflow, "a"), []);
    assert.deepEqual(idsOf(succeededRun(), workflow, "c", "d"), ["a", "b"]);
  });

  it("nothing of an attempt that is outstanding, or whose node was reset", () => {
    const run = createEngineRun(workflowOf("a; b > c"));
    run.end("b", "ok");
    assert.deepEqual(idsOf(run, workflowOf("a; b > c")), ["b"]);
  });

  it("nothing that depends in the changed file on what did not succeed", () => {
    const changed = workflowOf("a > b > c; a > d; b > d", { onFailure: "continue" });
    assert.deepEqual(idsOf(failedRun(), changed), ["a"]);
  });

  it("outputs as they are, with the run that made them, however often that is repeated", () => {
    const first = failedRun();
    const { attempt, durationMs, ...kept } = keepOutputs(first, workflow, [])[0] ?? assert.fail();
    assert.deepEqual([attempt, durationMs], [1, 0]);
    assert.deepEqual(kept, { nodeId: "a", output: { message: "from a" }, from: "run-1" });
    const second = again(first, workflow);
    second.end("b", FAILED);
    assert.deepEqual(keepOutputs(second, workflow, [])[0], { attempt, durationMs, ...kept });
  });

  it("nothing that the changed file has no more, and of what it adds nothing", () => {
    const changed = workflowOf("a > b > c; a > e", { onFailure: "continue" });
    assert.deepEqual(idsOf(failedRun(), changed), ["a"]);
  });

  it("for any graph and any choice just what no other node that runs again is upstream of", () => {
    fc.assert(
      fc.property(anyGraph({ maxNodes: 10 }), fc.infiniteStream(fc.nat()), (graph, picks) => {
        const pick = (below: number): number => (picks.next().value ?? 0) % below;
        const edges = graph.downstream.flatMap((list, from) => list.map((to): [number, number] => [from, to]));
        const any = createWorkflow("any", graph.ids, edges, { onFailure: "continue", maxParallel: 100 });
        const source = createEngineRun(any);
        for (let left = source.start(); left.length > 0; left = source.start()) {
          for (const id of left) source.end(id, pick(4) === 0 ? FAILED : "ok");
        }
        const from = graph.ids.filter(() => pick(5) === 0);
        const failed = graph.ids.filter((id) => source.state.nodes.get(id)?.status !== "succeeded");
        if (from.length + failed.length === 0) return;
        const begins = new Set([...from, ...failed]);
        const below = (id: string): boolean =>
          begins.has(id) || (graph.upstream[graph.ids.indexOf(id)] ?? []).some((up) => below(graph.ids[up] ?? ""));
        assert.deepEqual(new Set(idsOf(source, any, ...from)), new Set(graph.ids.filter((id) => !below(id))));
        const run = again(source, any, ...from);
        for (let left = run.start(); left.length > 0; left = run.start()) for (const id of left) run.end(id, "ok");
        assert.equal(run.state.status, "succeeded");
        assert.deepEqual(
          checkHistory(run.events, () => any),
          [],
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("a rerun is refused", () => {
  it("where nothing would run again", () => {
    assert.deepEqual(
      refused(() => idsOf(succeededRun(), workflowOf(LITERAL))),
      [
        "RERUN_NOTHING",
        "every node of run run-1 has succeeded: say which of them run again (all of them follow from a)",
      ],
    );
  });

  it("where a node is named that there is not", () => {
    const workflow = workflowOf("fetch > clean");
    assert.deepEqual(
      refused(() => idsOf(createEngineRun(workflow), workflow, "fetsh")),
      ["RERUN_NODE_UNKNOWN", 'the workflow has no node "fetsh" to begin with. Did you mean "fetch"?'],
    );
  });

  it("without a guess where no name is like it, and with all nodes that the rest follows from", () => {
    const workflow = workflowOf("fetch > clean; other");
    const run = createEngineRun(workflow);
    for (const id of ["fetch", "clean", "other"]) run.end(id, "ok");
    assert.equal(refused(() => idsOf(run, workflow, "zzz"))[1], 'the workflow has no node "zzz" to begin with');
    assert.match(refused(() => idsOf(run, workflow))[1], /\(all of them follow from fetch, other\)$/);
  });

  it("where what would be kept is not the same, with all differences", () => {
    const nodes = { a: { inputFile: "/other" } };
    const [code, message, details] = refused(() =>
      idsOf(succeededRun(), workflowOf("a > b; a > c; b > d", { nodes }), "c"),
    );
    assert.equal(code, "RERUN_DIFFERS");
    assert.match(
      message,
      /^what would be kept of run run-1 is not the same: "a": its input_file was .*; "d": it now depends on "b"/,
    );
    assert.equal((details as { differences: string[] }).differences.length, 3);
    // What runs again may be anything.
    assert.deepEqual(idsOf(succeededRun(), workflowOf(LITERAL, { nodes: { b: { inputFile: "/other" } } }), "b"), [
      "a",
      "d",
    ]);
  });
});

describe("a run made of another", () => {
  it("records what it keeps with its creation, and calls the rest under its own keys", () => {
    const run = again(failedRun(), workflowOf(LITERAL));
    assert.deepEqual(
      run.events.map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type)),
      ["run.created", "node.succeeded a", "node.succeeded d", "run.started", "node.started b"],
    );
    const [first, kept] = run.events;
    assert.equal(first?.type === "run.created" && first.source, "run-1");
    assert.equal(kept?.type === "node.succeeded" && kept.reused_from, "run-1");
    assert.equal(run.state.nodes.get("b")?.attempts[0]?.idempotencyKey, "run-2/b/1");
    assert.deepEqual(statuses(run.state), { a: "succeeded", b: "running", c: "pending", d: "succeeded" });
    assert.deepEqual([run.state.source, run.state.nodes.get("a")?.reusedFrom], ["run-1", "run-1"]);
    run.end("b", FAILED);
    run.resume();
    run.end("b", "ok");
    run.end("c", "ok");
    assert.equal(run.state.status, "succeeded");
    assert.deepEqual(
      checkHistory(run.events, () => run.state.workflow),
      [],
    );
  });
});
