// What a next owner makes of the attempts and waits that it finds (E4, X4).
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { createWorkflow, workflowOf } from "../testing/workflow-of.ts";
import { DEFAULT_RETRY } from "../workflow/model/retry.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Ability } from "./machine.ts";
import type { AttemptFailure, Outcome } from "./outcome.ts";
import { checkHistory } from "./rules.ts";

const CANCELLED: Outcome = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } };
const RECOVERS: Ability = { recover: true, sweep: false, release: false };
const SWEEPS: Ability = { ...RECOVERS, sweep: true };
const PLAIN: Ability = { ...RECOVERS, recover: false };

const DEFAULTS = { timeoutMs: 1000, retry: DEFAULT_RETRY, onLost: "retry" } as const;

const start = (literal: string | Workflow, grpc: Ability = RECOVERS): EngineRun =>
  createEngineRun(typeof literal === "string" ? workflowOf(literal) : literal, { abilities: { grpc } });

/** Commands and events from now on, one word each. */
function follow(run: EngineRun): () => { readonly events: string[]; readonly commands: string[] } {
  let [seen, done] = [run.events.length, run.commands.length];
  return () => {
    const events = run.events.slice(seen).map((one) => ("node_id" in one ? `${one.type} ${one.node_id}` : one.type));
    const commands = run.commands.slice(done).map((one) => ("nodeId" in one ? `${one.type} ${one.nodeId}` : one.type));
    seen = run.events.length;
    done = run.commands.length;
    return { events, commands };
  };
}

function rightHistory(run: EngineRun, ...workflows: readonly Workflow[]): void {
  const violations = checkHistory(run.events, (hash) => workflows.find(({ definition }) => definition.hash === hash));
  assert.deepEqual(violations, []);
}

describe("an attempt that the last owner left", () => {
  it("is asked after with all that it was made with, and its outcome counts", () => {
    const workflow = workflowOf("a > b", { timeoutMs: 1234 });
    const run = start(workflow);
    const since = follow(run);
    const made = { attempt: 1, startedMs: 0, bound: "attempt", work: "under_way", abort: undefined } as const;
    assert.deepEqual(run.machine.outstanding.get("a"), made);
    run.advance(100);
    run.resume();
    assert.deepEqual(run.machine.outstanding.get("a"), { ...made, startedMs: 100 });
    assert.deepEqual(since(), { events: ["run.resumed"], commands: ["recover a"] });
    const first = run.events.find(({ type }) => type === "node.started");
    assert.ok(first?.type === "node.started");
    assert.deepEqual(run.commands.at(-1), {
      type: "recover",
      nodeId: "a",
      attempt: 1,
      idempotencyKey: "run-1/a/1",
      timeoutMs: 1234,
      request: first.request,
    });
    run.advance(7);
    run.end("a", "ok");
    assert.deepEqual(since(), { events: ["node.succeeded a", "node.started b"], commands: ["execute b"] });
    assert.equal(run.state.nodes.get("a")?.attempts[0]?.durationMs, 7, "how long it had run nobody here can tell");
    rightHistory(run, workflow);
  });

  it("is lost where it is gone, and made again with its key", () => {
    const run = start("a");
    run.resume();
    const since = follow(run);
    run.advance(5);
    run.end("a", "lost");
    assert.deepEqual(since(), {
      events: ["node.attempt_failed a", "node.started a"],
      commands: ["disarm", "execute a"],
    });
    const [lost, again] = run.state.nodes.get("a")?.attempts ?? [];
    assert.deepEqual([lost?.outcome, lost?.durationMs], ["lost", 0]);
    assert.deepEqual(lost?.error, {
      code: "NODE_LOST",
      message: "Busbar ended before the outcome of a was recorded",
    });
    assert.deepEqual([again?.attempt, again?.idempotencyKey], [2, "run-1/a/1"]);
  });

  it("is made again also where what stands before it has succeeded", () => {
    const run = start("a > b > c", PLAIN);
    run.end("a", "ok");
    const since = follow(run);
    run.resume();
    assert.deepEqual(since().events, ["run.resumed", "node.attempt_failed b", "node.started b"]);
  });

  it("is aborted by a cancel that comes when it has been asked after", () => {
    const run = start("a");
    run.resume();
    const since = follow(run);
    run.cancel();
    assert.deepEqual(since().commands, ["abort a"]);
  });

  it("is lost without a question where its executor cannot be asked", () => {
    const run = start("a", PLAIN);
    const since = follow(run);
    run.resume();
    const events = ["run.resumed", "node.attempt_failed a", "node.started a"];
    assert.deepEqual(since(), { events, commands: ["disarm", "execute a"] });
  });

  it("is asked after once the sweep has ended, not before and not twice", () => {
    const run = start("a", SWEEPS);
    const since = follow(run);
    run.resume();
    assert.deepEqual(since().commands, ["sweep"]);
    run.take({ type: "swept" });
    assert.deepEqual(since().commands, ["recover a"]);
    run.take({ type: "swept" });
    assert.deepEqual(since().commands, []);
  });

  it("may be told of late: what is said of an attempt that is not outstanding is passed over", () => {
    const run = start("a > b");
    run.resume();
    run.take({ type: "recovered", nodeId: "a", attempt: 2, found: "gone" });
    run.take({ type: "recovered", nodeId: "x", attempt: 1, found: "gone" });
    run.take({ type: "ended", nodeId: "a", attempt: 2, outcome: FAILED });
    run.take({ type: "ended", nodeId: "x", attempt: 1, outcome: FAILED });
    assert.deepEqual(statuses(run.state), { a: "running", b: "pending" });
    run.end("a", "ok");
    const before = run.events.length;
    run.end("a", "lost");
    run.take({ type: "ended", nodeId: "a", attempt: 1, outcome: FAILED });
    assert.equal(run.events.length, before);
  });

  it("is aborted where the run is taken over to be cancelled, and recorded as it ends", () => {
    const run = start("a; b; c", SWEEPS);
    run.begin({ kind: "taken_over", requests: [{ id: 1, kind: "cancel", by: "ada" }], lastRequestId: 1 });
    const since = follow(run);
    run.take({ type: "swept" });
    const commands = ["recover a", "abort a", "recover b", "abort b", "recover c", "abort c"];
    assert.deepEqual(since(), { events: [], commands });
    assert.ok(run.commands.every((one) => one.type !== "abort" || one.cause === "cancel"));
    run.end("a", CANCELLED);
    run.end("b", "lost");
    run.end("c", "ok");
    assert.deepEqual(statuses(run.state), { a: "cancelled", b: "cancelled", c: "succeeded" });
    assert.equal(run.state.status, "cancelled");
  });
});

describe("an attempt of a node that a changed file resets", () => {
  const before = workflowOf("a > z");
  const after = workflowOf("a > z", { nodes: { a: { inputFile: "/other" } } });

  it("is ended, recorded as lost whatever came of it, and only then made anew in a new round", () => {
    for (const outcome of [CANCELLED, FAILED, { outcome: "succeeded", output: null } as const]) {
      const run = start(before);
      const since = follow(run);
      run.resume(after);
      assert.deepEqual(since(), { events: ["run.resumed"], commands: ["recover a", "abort a"] });
      assert.deepEqual(run.commands.at(-1), { type: "abort", nodeId: "a", attempt: 1, cause: "changed" });
      run.end("a", outcome);
      assert.deepEqual(since().events, ["node.attempt_failed a", "node.started a"]);
      const [lost, again] = run.state.nodes.get("a")?.attempts ?? [];
      assert.equal(lost?.outcome, "lost");
      assert.equal(
        lost?.error?.message,
        "the workflow file was changed while a was being made: how that ended does not count",
      );
      assert.deepEqual([again?.attempt, again?.idempotencyKey], [2, "run-1/a/2"]);
      rightHistory(run, before, after);
    }
  });

  it("is aborted once it has been asked after, where there is a sweep", () => {
    const run = start(before, SWEEPS);
    run.resume(after);
    const since = follow(run);
    run.take({ type: "swept" });
    assert.deepEqual(since().commands, ["recover a", "abort a"]);
  });

  it("does not end that of another node", () => {
    const run = start(workflowOf("a; b"));
    run.resume(workflowOf("a; b", { nodes: { a: { inputFile: "/other" } } }));
    assert.deepEqual(
      run.commands.flatMap((one) => (one.type === "abort" ? [one.nodeId] : [])),
      ["a"],
    );
  });

  it("waits for what the file puts before it (E1), and is skipped where that has failed meanwhile", () => {
    for (const upstream of ["ok", "failed"] as const) {
      const first = workflowOf("a > z > y", { onFailure: "continue" });
      const changed = workflowOf("n > a > z > y", { onFailure: "continue" });
      const run = start(first);
      run.resume(changed);
      assert.deepEqual(statuses(run.state), { n: "running", a: "running", z: "pending", y: "pending" });
      if (upstream === "failed") run.end("n", "failed");
      const since = follow(run);
      run.end("a", CANCELLED);
      if (upstream === "ok") {
        assert.deepEqual(since().events, ["node.attempt_failed a"]);
        run.end("n", "ok");
        assert.deepEqual(since().events, ["node.succeeded n", "node.started a"]);
      } else {
        const skipped = ["a", "z", "y"].map((id) => `node.skipped ${id}`);
        assert.deepEqual(since().events, ["node.attempt_failed a", ...skipped, "run.failed"]);
        for (const id of ["a", "z", "y"]) {
          const { because, skipReason } = run.state.nodes.get(id) ?? {};
          assert.deepEqual([because, skipReason], ["n", "upstream"], id);
        }
      }
      rightHistory(run, first, changed);
    }
  });

  it("names the first cause where what stands before it was skipped itself", () => {
    const first = workflowOf("a", { onFailure: "continue" });
    const changed = workflowOf("n > m > a", { onFailure: "continue" });
    const run = start(first);
    run.resume(changed);
    run.end("n", "failed");
    run.end("a", CANCELLED);
    assert.deepEqual(statuses(run.state), { n: "failed", m: "skipped", a: "skipped" });
    assert.equal(run.state.nodes.get("a")?.because, "n");
  });

  it("fails the node where it must not run twice, or nothing may start any more", () => {
    const options = { onFailure: "continue", onLost: "fail" } as const;
    const run = start(workflowOf("a", options));
    run.resume(workflowOf("a", { ...options, nodes: { a: { inputFile: "/other" } } }));
    run.end("a", CANCELLED);
    assert.deepEqual(statuses(run.state), { a: "failed" });
    const stopped = start(workflowOf("a; b"));
    stopped.resume(workflowOf("a; b", { nodes: { a: { inputFile: "/other" } } }));
    stopped.end("b", FAILED);
    stopped.end("a", CANCELLED);
    assert.deepEqual(statuses(stopped.state), { a: "failed", b: "failed" });
  });

  it("ends the node where the run is cancelled meanwhile", () => {
    const run = start(before);
    run.resume(after);
    run.cancel();
    assert.deepEqual(run.commands.at(-1), { type: "abort", nodeId: "a", attempt: 1, cause: "changed" });
    run.end("a", CANCELLED);
    assert.deepEqual(statuses(run.state), { a: "cancelled", z: "skipped" });
  });
});

describe("a wait that the last owner left", () => {
  it("goes on, for what is left of it", () => {
    const run = start(workflowOf("a; b", { onFailure: "continue" }));
    run.end("a", { ...(UNAVAILABLE as AttemptFailure), pushback: 500 });
    const ended = { kind: "resumed", by: "test", requests: [], lastRequestId: 0 } as const;
    run.advance(200);
    run.begin(ended);
    const arms = run.commands.filter(({ type }) => type === "arm");
    assert.deepEqual(arms.at(-1), { type: "arm", timer: { of: "node", nodeId: "a" }, ms: 300 });
    run.wake("nobody");
    assert.equal(run.state.nodes.get("a")?.attempts.length, 1);
    run.wake("a");
    assert.equal(run.state.nodes.get("a")?.attempts.length, 2);
  });

  it("does not go on where a changed file resets the node", () => {
    const run = start(workflowOf("a; b", { onFailure: "continue" }));
    run.end("a", UNAVAILABLE);
    const before = run.commands.length;
    run.resume(workflowOf("n > a; b", { onFailure: "continue" }));
    assert.deepEqual(statuses(run.state), { n: "running", a: "pending", b: "running" });
    assert.ok(!run.commands.slice(before).some(({ type }) => type === "arm"));
  });
});

describe("a run with nodes of several kinds", () => {
  const literal = workflowOf("a");
  const [grpc] = literal.nodes;
  const container = { program: "docker", options: [], image: "i", args: [], env: {}, allow: [] };
  const docker = { ...DEFAULTS, id: "d", executor: "docker", container } as const;
  assert.ok(grpc !== undefined);
  const workflow = createWorkflow("two", [grpc, docker], []);

  it("is swept where one of them can be, and each attempt is treated as its own executor can", () => {
    const run = createEngineRun(workflow, { abilities: { grpc: PLAIN, docker: SWEEPS } });
    assert.deepEqual(statuses(run.state), { a: "running", d: "running" });
    const since = follow(run);
    run.resume();
    assert.deepEqual(since(), { events: ["run.resumed", "node.attempt_failed a"], commands: ["sweep"] });
    run.take({ type: "swept" });
    assert.deepEqual(since(), { events: ["node.started a"], commands: ["recover d", "disarm", "execute a"] });
  });

  it("is driven by an owner that can make only some of them as far as that knows", () => {
    const run = createEngineRun(workflow, { abilities: { docker: RECOVERS } });
    const since = follow(run);
    run.resume();
    assert.deepEqual(since().commands, ["recover d", "disarm", "execute a"]);
  });
});

describe("release (X6)", () => {
  it("comes with the outcome, for executors that have it alone", () => {
    const releases = ({ commands }: EngineRun) => commands.filter(({ type }) => type === "release");
    const run = start("a", { ...PLAIN, release: true });
    run.end("a", UNAVAILABLE);
    assert.deepEqual(releases(run), [{ type: "release", nodeId: "a", attempt: 1 }]);
    run.wake("a");
    run.end("a", "ok");
    assert.deepEqual(releases(run).at(-1), { type: "release", nodeId: "a", attempt: 2 });
    const none = start("a", PLAIN);
    none.end("a", "ok");
    assert.deepEqual(releases(none), []);
    const unknown = createEngineRun(workflowOf("a"));
    unknown.end("a", "ok");
    assert.deepEqual(releases(unknown), []);
  });
});
