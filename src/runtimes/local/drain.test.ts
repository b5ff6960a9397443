import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { checkHistory } from "../../engine/rules.ts";
import type { Executor, Outcome } from "../../ports/executor.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { createFaultyJournal } from "../../testing/faulty-journal.ts";
import { createRig, resume, start, typesOf } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";

const GRACE_MS = 10_000;

/** A run of `a > b` whose `a` ends when the gate opens, or is aborted. */
function underWay() {
  const gate = createGate<Outcome>();
  const executor = createFakeExecutor(({ nodeId }, signal) =>
    nodeId === "a" ? Promise.race([gate.promise, untilAborted(signal)]) : SUCCEEDED,
  );
  const store = createMemoryStore();
  return { gate, executor, store, rig: createRig(executor, { store }) };
}

/** Whether it has settled by now. */
function watchEnd(work: Promise<unknown>): () => boolean {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  return () => isOver;
}

describe("a runtime that closes with a grace", () => {
  it("records what ends within it, starts nothing, and leaves the run to whoever resumes it", async () => {
    const { gate, executor, store, rig } = underWay();
    const run = await start(rig, workflowOf("a > b"));
    const closing = rig.runtime.close({ graceMs: GRACE_MS });
    const isOver = watchEnd(closing);
    await rig.step(GRACE_MS - 1);
    assert.equal(isOver(), false);
    gate.open(SUCCEEDED);
    // Without the clock: it does not wait for the rest of the grace.
    await closing;
    await assert.rejects(run.ended, { code: "RUN_LEFT", message: /let go of run .* before it ended/ });
    assert.deepEqual(
      executor.attempts.map(({ nodeId }) => nodeId),
      ["a"],
    );
    assert.equal(rig.clock.pending(), 0);
    await rig.journal.close();

    const next = createRig(executor, { store });
    const resumed = await resume(next, run.runId);
    assert.equal((await resumed.ended).type, "run.succeeded");
    const events = await next.runtime.events(run.runId);
    assert.deepEqual(typesOf(events), [
      ...["run.created", "run.started", "node.started a", "node.succeeded a"],
      ...["run.resumed", "node.started b", "node.succeeded b", "run.succeeded"],
    ]);
    assert.deepEqual(checkHistory(events), []);
  });

  it("aborts what has not ended when it is over, and records nothing of it", async () => {
    const { executor, rig } = underWay();
    const run = await start(rig, workflowOf("a > b"));
    const closing = rig.runtime.close({ graceMs: GRACE_MS });
    await rig.step(GRACE_MS - 1);
    assert.equal(executor.outstanding, 1);
    await rig.step(1);
    await closing;
    await assert.rejects(run.ended, { code: "RUN_LEFT" });
    assert.equal(executor.outstanding, 0);
    assert.deepEqual(typesOf(await rig.runtime.events(run.runId)).slice(2), ["node.started a"]);
    assert.equal(rig.clock.pending(), 0);
  });

  it("waits for nothing where no call is in flight", async () => {
    let fails = true;
    const executor: Executor = {
      ...createFakeExecutor(() =>
        fails
          ? { outcome: "failed", error: { code: "CALL_UNAVAILABLE", message: "x", status: "UNAVAILABLE" } }
          : SUCCEEDED,
      ),
      preflight: () => new Promise(() => undefined),
    };
    const rig = createRig(executor);
    const retries = await start(rig, workflowOf("a", { retry: { initialBackoffMs: 60_000, maxBackoffMs: 60_000 } }));
    await rig.step();
    const checks = await start(rig, workflowOf("b"), true);
    await rig.step();
    fails = false;
    await rig.runtime.close({ graceMs: GRACE_MS });
    for (const { ended } of [retries, checks]) await assert.rejects(ended, { code: "RUN_LEFT" });
    assert.equal(rig.clock.pending(), 0);
  });

  it("refuses new runs at once", async () => {
    const { gate, rig } = underWay();
    await start(rig, workflowOf("a > b"));
    const closing = rig.runtime.close({ graceMs: GRACE_MS });
    await assert.rejects(rig.runtime.start({ definition: workflowOf("c").definition }), { code: "RUN_LEFT" });
    gate.open(SUCCEEDED);
    await closing;
  });

  it("answers what is asked of its runs meanwhile: a cancel ends one", async () => {
    const { rig } = underWay();
    const run = await start(rig, workflowOf("a > b"));
    const closing = rig.runtime.close({ graceMs: GRACE_MS });
    const answer = await rig.until(rig.runtime.request({ kind: "cancel", runId: run.runId, key: "k", by: "test" }));
    assert.equal(answer.kind, "applied");
    await rig.until(closing);
    assert.equal((await run.ended).type, "run.cancelled");
  });

  it("waits for an outcome that the journal does not take for now", async () => {
    const { faults, wrap } = createFaultyJournal();
    const gate = createGate<Outcome>();
    const rig = createRig(
      createFakeExecutor(() => gate.promise),
      { wrap, onTrouble: () => undefined },
    );
    const run = await start(rig, workflowOf("a"));
    faults.refuse = "JOURNAL_FULL";
    gate.open(SUCCEEDED);
    await rig.step();
    const closing = rig.runtime.close({ graceMs: GRACE_MS });
    await rig.step(1000);
    faults.refuse = undefined;
    await rig.until(closing);
    assert.equal((await run.ended).type, "run.succeeded");
  });
});
