// What may be resumed, and what begins anew then.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, FAILED, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { checkResume, resumedFrom } from "./resume.ts";

const BEFORE = workflowOf("a > b > c; w; d", { onFailure: "continue", maxParallel: 10 });

/** `a` has succeeded, `b` has failed and with it `c`, `w` waits, `d` is under way. */
function halfWay() {
  const run = createEngineRun(BEFORE);
  run.end("a", "ok");
  run.end("b", FAILED);
  run.end("w", UNAVAILABLE);
  return run;
}

const resetBy = (changed?: Workflow): readonly string[] => {
  const run = halfWay();
  const how = { kind: "resumed", by: "ada", requests: [], lastRequestId: 0 } as const;
  const { length } = run.events;
  run.begin(changed === undefined ? how : { ...how, workflow: changed });
  const first = run.events[length];
  assert.ok(first?.type === "run.resumed");
  assert.deepEqual([first.by, first.from, first.epoch], ["ada", "interrupted", 2]);
  assert.equal(first.definition_hash, (changed ?? BEFORE).definition.hash);
  return first.reset;
};

describe("a resume", () => {
  it("resets what settled without success, and nothing else of an unchanged file", () => {
    assert.deepEqual(resetBy(), ["b", "c"]);
  });

  it("of a changed file also resets what was tried as it was before, but not what was not tried or is the same", () => {
    const changed = (...ids: readonly string[]): Workflow =>
      workflowOf("a > b > c; w; d", {
        onFailure: "continue",
        maxParallel: 10,
        nodes: Object.fromEntries(ids.map((id) => [id, { inputFile: "/other" }])),
      });
    assert.deepEqual(resetBy(changed("w")), ["b", "c", "w"]);
    assert.deepEqual(resetBy(changed("d", "b")), ["b", "c", "d"]);
    assert.deepEqual(resetBy(workflowOf("a > b > c; w; d; new", { onFailure: "continue" })), ["b", "c"]);
    const run = createEngineRun(workflowOf("a > b"));
    run.resume(workflowOf("a > b", { nodes: { b: { inputFile: "/other" } } }));
    const resumed = run.events.find(({ type }) => type === "run.resumed");
    assert.deepEqual(resumed?.type === "run.resumed" && resumed.reset, []);
  });

  it("says from where it goes on", () => {
    const run = createEngineRun(workflowOf("a"));
    assert.equal(resumedFrom(run.state), "interrupted");
    run.end("a", FAILED);
    assert.equal(resumedFrom(run.state), "failed");
    const cancelled = createEngineRun(workflowOf("a"));
    cancelled.cancel();
    cancelled.end("a", FAILED);
    assert.equal(resumedFrom(cancelled.state), "cancelled");
  });
});

describe("checkResume", () => {
  it("refuses a run that has succeeded, by name", () => {
    const run = createEngineRun(workflowOf("a"));
    checkResume(run.state, undefined);
    run.end("a", "ok");
    assert.throws(() => checkResume(run.state, undefined), {
      code: "RUN_ALREADY_SUCCEEDED",
      message: "run run-1 has succeeded; there is nothing to resume",
    });
  });

  it("takes a file that changes or drops what has not succeeded, and adds to it", () => {
    const { state } = halfWay();
    checkResume(state, BEFORE);
    checkResume(state, workflowOf("a > b2; d; new", { nodes: { d: { inputFile: "/other" } } }));
  });

  it("refuses a file that changes what has succeeded, and tells every difference", () => {
    const run = createEngineRun(workflowOf("a; b; c"));
    run.end("a", "ok");
    run.end("b", "ok");
    const changed = workflowOf("a; b; c", { nodes: { a: { inputFile: "/1" }, b: { outputFile: "/2" } } });
    const told = (): { readonly message: string; readonly differences: readonly string[] } => {
      try {
        checkResume(run.state, changed);
      } catch (thrown) {
        assert.ok(thrown instanceof Error && "code" in thrown && "details" in thrown);
        assert.equal(thrown.code, "RESUME_FILE_DIFFERS");
        const { differences } = thrown.details as { readonly differences: readonly string[] };
        return { message: thrown.message, differences };
      }
      return assert.fail("not refused");
    };
    const { message, differences } = told();
    assert.equal(differences.length, 2);
    assert.ok(differences[0]?.includes("a") && differences[1]?.includes("b"));
    assert.equal(message, `the changed file changes nodes that have succeeded: ${differences.join("; ")}`);
  });
});
