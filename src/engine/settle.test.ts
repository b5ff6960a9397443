import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { workflowOf } from "../testing/workflow-of.ts";
import type { RunEvent } from "./events.ts";
import { checkHistory } from "./rules.ts";

const types = (events: readonly RunEvent[], from = 0): string[] =>
  events.slice(from).map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));

describe("a run", () => {
  it("goes node by node down a chain and succeeds when all have (E1)", () => {
    const run = createEngineRun(workflowOf("a > b > c"));
    for (const id of ["a", "b", "c"]) {
      assert.deepEqual(run.start(), [id]);
      run.end(id, "ok");
    }
    assert.equal(run.state.status, "succeeded");
    assert.deepEqual(types(run.events).at(-1), "run.succeeded");
  });

  it("starts a node only when all its upstream nodes have succeeded (E1)", () => {
    const run = createEngineRun(workflowOf("a, b > c"));
    assert.deepEqual(run.start(), ["a", "b"]);
    run.end("a", "ok");
    assert.deepEqual(run.start(), []);
    run.end("b", "ok");
    assert.deepEqual(run.start(), ["c"]);
  });

  it("offers nodes in file order, within max_parallel", () => {
    const run = createEngineRun(workflowOf("d; c; b; a", { maxParallel: 2 }));
    assert.deepEqual(run.start(), ["d", "c"]);
    run.end("c", "ok");
    assert.deepEqual(run.start(), ["b"]);
  });

  it("skips what depends on a failed node, and nothing else, under on_failure: continue", () => {
    const run = createEngineRun(
      workflowOf("fetch > clean > report > send; fetch > archive", { onFailure: "continue" }),
    );
    run.start();
    run.end("fetch", "ok");
    run.start();
    run.end("clean", "failed");
    assert.deepEqual(statuses(run.state), {
      fetch: "succeeded",
      clean: "failed",
      report: "skipped",
      send: "skipped",
      archive: "running",
    });
    assert.equal(run.state.nodes.get("send")?.because, "clean");
    run.end("archive", "ok");
    assert.equal(run.state.status, "failed");
    assert.match(run.state.error?.message ?? "", /clean failed: NODE_REPORTED_FAILURE: no/);
  });

  it("starts nothing more after the first failure under on_failure: stop, and lets outstanding attempts end", () => {
    const run = createEngineRun(workflowOf("a > x; b > y; c", { maxParallel: 2 }));
    assert.deepEqual(run.start(), ["a", "b"]);
    run.end("a", "failed");
    assert.deepEqual(statuses(run.state), { a: "failed", x: "skipped", b: "running", y: "skipped", c: "skipped" });
    assert.deepEqual(
      ["x", "y", "c"].map((id) => run.state.nodes.get(id)?.skipReason),
      ["upstream", "run_stopped", "run_stopped"],
    );
    assert.deepEqual(run.start(), []);
    run.end("b", "ok");
    assert.equal(run.state.status, "failed");
  });

  it("fails a node between attempts with its last error when another fails under stop", () => {
    const run = createEngineRun(workflowOf("a > x; b"));
    run.start();
    run.end("a", UNAVAILABLE);
    assert.equal(run.state.nodes.get("a")?.status, "waiting");
    run.end("b", "failed");
    assert.deepEqual(statuses(run.state), { a: "failed", x: "skipped", b: "failed" });
    assert.equal(run.state.nodes.get("a")?.error?.code, "CALL_UNAVAILABLE");
    assert.equal(run.state.status, "failed");
  });

  it("does not retry an attempt that ends after the run has begun to stop", () => {
    const run = createEngineRun(workflowOf("a; b"));
    run.start();
    run.end("a", "failed");
    run.end("b", UNAVAILABLE);
    assert.equal(run.state.nodes.get("b")?.status, "failed");
  });

  it("records the last failing attempt and the failed node next to each other", () => {
    const run = createEngineRun(workflowOf("a", { retry: { maxAttempts: 2 } }));
    run.start();
    run.end("a", UNAVAILABLE);
    run.wake("a");
    assert.deepEqual(run.start(), ["a"]);
    run.end("a", UNAVAILABLE);
    assert.deepEqual(types(run.events, 3), [
      "node.attempt_failed a",
      "node.started a",
      "node.attempt_failed a",
      "node.failed a",
      "run.failed",
    ]);
  });

  it("records a wait with the moment it is over and the delay that was drawn", () => {
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.end("a", UNAVAILABLE);
    const failed = run.events.at(-1);
    assert.ok(failed?.type === "node.attempt_failed");
    const delayMs = failed.retry_delay_ms ?? 0;
    assert.ok(delayMs >= 400 && delayMs < 600, String(delayMs));
    assert.equal(failed.retry_at, `2025-01-01T00:00:00.${delayMs}Z`);
    assert.deepEqual(run.commands.at(-1), { type: "arm", timer: { of: "node", nodeId: "a" }, ms: delayMs });
  });
});

describe("cancel", () => {
  it("skips what has not begun, cancels what waits, and ends when the calls have", () => {
    const run = createEngineRun(workflowOf("a > x; b; c", { maxParallel: 2 }));
    run.start();
    run.end("b", UNAVAILABLE);
    run.start();
    run.cancel();
    assert.deepEqual(statuses(run.state), { a: "running", x: "skipped", b: "cancelled", c: "running" });
    run.end("c", "ok");
    run.end("a", { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } });
    assert.deepEqual(statuses(run.state), { a: "cancelled", x: "skipped", b: "cancelled", c: "succeeded" });
    assert.equal(run.state.status, "cancelled");
  });

  it("leaves a run succeeded whose last outcome came first", () => {
    const run = createEngineRun(workflowOf("a"));
    run.start();
    run.cancel();
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
  });
});

describe("a lost attempt (E4)", () => {
  it("is made again at once with the same idempotency key, and does not count as a failure", () => {
    const run = createEngineRun(workflowOf("a", { retry: { maxAttempts: 1 } }));
    run.start();
    run.resume();
    assert.deepEqual(run.start(), ["a"]);
    const keys = run.events.flatMap((event) =>
      event.type === "node.started" ? [`${event.attempt} ${event.idempotency_key}`] : [],
    );
    assert.deepEqual(keys, ["1 run-1/a/1", "2 run-1/a/1"]);
    run.end("a", "ok");
    assert.equal(run.state.status, "succeeded");
  });

  it("fails the node that says on_lost: fail", () => {
    const run = createEngineRun(workflowOf("a > b", { onLost: "fail" }));
    run.start();
    run.resume();
    assert.deepEqual(statuses(run.state), { a: "failed", b: "skipped" });
    assert.equal(run.state.nodes.get("a")?.error?.code, "NODE_LOST");
  });

  it("fails when the run has begun to stop: nothing may start again", () => {
    const workflow = workflowOf("a; b", { nodes: { a: { onLost: "fail" } } });
    const run = createEngineRun(workflow);
    run.start();
    run.resume();
    assert.deepEqual(statuses(run.state), { a: "failed", b: "failed" });
    assert.equal(run.state.status, "failed");
  });
});

describe("resume", () => {
  it("resets failed, cancelled and skipped nodes, keeps succeeded ones, and begins a new round (E3)", () => {
    const run = createEngineRun(workflowOf("a > b > c"));
    run.start();
    run.end("a", "ok");
    run.start();
    run.end("b", FAILED);
    run.resume();
    assert.deepEqual(statuses(run.state), { a: "succeeded", b: "running", c: "pending" });
    assert.deepEqual(run.start(), ["b"]);
    const started = run.events.at(-1);
    assert.ok(started?.type === "node.started");
    assert.deepEqual([started.attempt, started.idempotency_key], [2, "run-1/b/2"]);
    run.end("b", "ok");
    run.start();
    run.end("c", "ok");
    assert.equal(run.state.status, "succeeded");
  });

  it("goes on counting attempts and rounds of a node that one file drops and a later one brings back", () => {
    const [before, without] = [workflowOf("a > b > c"), workflowOf("a > c")];
    const run = createEngineRun(before);
    run.start();
    run.end("a", "ok");
    run.start();
    run.end("b", FAILED);
    run.resume(without);
    run.start();
    run.end("c", FAILED);
    run.resume(before);
    assert.deepEqual(run.start(), ["b"]);
    const started = run.events.at(-1);
    assert.ok(started?.type === "node.started");
    assert.deepEqual([started.attempt, started.idempotency_key], [2, "run-1/b/2"]);
    const workflows = new Map([before, without].map((workflow) => [workflow.definition.hash, workflow]));
    assert.deepEqual(
      checkHistory(run.events, (hash) => workflows.get(hash)),
      [],
    );
  });

  it("takes a changed file: dropped nodes go, new ones come, kept ones keep what happened to them", () => {
    const run = createEngineRun(workflowOf("a > b > c"));
    run.start();
    run.end("a", "ok");
    run.start();
    run.end("b", FAILED);
    run.resume(workflowOf("a > b2; a > c > d"));
    assert.deepEqual(statuses(run.state), { a: "succeeded", b2: "running", c: "running", d: "pending" });
    assert.deepEqual(run.start(), ["b2", "c"]);
  });
});
