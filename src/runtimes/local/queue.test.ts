// Runs of one process that wait for each other (semantics.md, "Queue").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { checkHistory } from "../../engine/rules.ts";
import type { StartInput } from "../../ports/runtime.ts";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { createFaultyJournal } from "../../testing/faulty-journal.ts";
import { createRig, type Rig, type RigOptions, typesOf } from "../../testing/runtime-rig.ts";
import { type WorkflowOfOptions, workflowOf } from "../../testing/workflow-of.ts";
import type { Concurrency } from "../../workflow/model/concurrency.ts";

/** A rig in which each call goes on until its run is let go on, or is aborted. */
function createQueueRig(maxRuns: number, options: RigOptions = {}) {
  const gates = new Map<string, () => void>();
  const executor = createFakeExecutor((attempt, signal) =>
    Promise.race([
      untilAborted(signal),
      new Promise<typeof SUCCEEDED>((resolve) => gates.set(attempt.runId, () => resolve(SUCCEEDED))),
    ]),
  );
  const rig = createRig(executor, { origin: "server", queue: { maxRuns }, ...options });
  return {
    ...rig,
    executor,
    /** The runs that have called something, in order. */
    called: () => executor.attempts.map(({ runId }) => runId),
    async finish(runId: string) {
      (gates.get(runId) ?? assert.fail(`${runId} calls nothing`))();
      await rig.until(rig.runtime.wait(runId));
      await rig.step();
    },
  };
}

async function begin(
  { runtime }: Pick<Rig, "runtime">,
  runId: string,
  workflow: WorkflowOfOptions = {},
  input: Partial<StartInput> = {},
) {
  return runtime.start({ definition: workflowOf("a", workflow).definition, runId, ...input });
}

const statusOf = async ({ runtime }: Pick<Rig, "runtime">, runId: string) => (await runtime.get(runId)).status;
const eventsOf = async ({ runtime }: Pick<Rig, "runtime">, runId: string) => typesOf(await runtime.events(runId));
const one = (more: Partial<Concurrency> = {}): WorkflowOfOptions => ({
  concurrency: { maxRuns: 1, whenFull: "queue", ...more },
});

describe("a runtime with a queue", () => {
  it("lets so many runs go on at once; the next is recorded, and nothing of it starts before its turn", async () => {
    const checked: string[] = [];
    const rig = createQueueRig(1);
    Object.assign(rig.executor, {
      preflight: async () => {
        checked.push("checked");
        return [];
      },
    });
    await begin(rig, "first");
    assert.deepEqual(rig.appends.map(typesOf), [["run.created", "run.started", "node.started a"]]);
    await begin(rig, "second", {}, { preflight: { timeoutMs: 1, waitMs: 0 } });
    await rig.step();
    assert.deepEqual(await eventsOf(rig, "second"), ["run.created"]);
    assert.deepEqual([await statusOf(rig, "second"), rig.called(), checked], ["pending", ["first"], []]);
    assert.deepEqual(rig.runtime.queueFacts(), { running: 1, waiting: 1, maxRuns: 1 });
    await rig.finish("first");
    assert.deepEqual([rig.called(), checked], [["first", "second"], ["checked"]]);
    await rig.finish("second");
    assert.deepEqual(
      checkHistory(await rig.runtime.events("second"), () => workflowOf("a")),
      [],
    );
    assert.deepEqual(rig.runtime.queueFacts(), { running: 0, waiting: 0, maxRuns: 1 });
    await rig.runtime.close();
  });

  it("has no queue where none is asked for, and concurrency means nothing", async () => {
    const rig = createRig(createFakeExecutor((_, signal) => untilAborted(signal)));
    for (const runId of ["a", "b"]) await begin(rig, runId, one({ whenFull: "reject" }));
    assert.deepEqual([await statusOf(rig, "b"), rig.runtime.queueFacts()], ["running", undefined]);
    rig.runtime.holdQueue()();
    await rig.runtime.close();
  });

  it("takes those with the higher priority first, and of one priority those that were made first", async () => {
    const rig = createQueueRig(1);
    await begin(rig, "now");
    for (const [runId, priority] of Object.entries({ low: -5, a: 0, b: 0, high: 7 })) {
      await begin(rig, runId, {}, { priority });
    }
    for (let done = 0; done < 5; done += 1) await rig.finish(rig.called().at(-1) ?? "");
    assert.deepEqual(rig.called(), ["now", "high", "a", "b", "low"]);
    await rig.runtime.close();
  });

  it("counts runs by the workflow's name and the key that their params make", async () => {
    const rig = createQueueRig(9);
    const keyed: WorkflowOfOptions = {
      params: [{ name: "tenant", type: "string" }],
      ...one({ key: [{ scope: "params", name: "tenant" }] }),
    };
    await begin(rig, "x1", keyed, { params: { tenant: "x" } });
    await begin(rig, "x2", keyed, { params: { tenant: "x" } });
    await begin(rig, "y1", keyed, { params: { tenant: "y" } });
    await begin(rig, "other", { ...keyed, name: "other" }, { params: { tenant: "x" } });
    assert.deepEqual(rig.called(), ["x1", "y1", "other"]);
    const { reason, nodes } = (await rig.runtime.get("x2")).explanation;
    assert.deepEqual(reason, { kind: "queued", ahead: 0, limit: "concurrency", max_runs: 1, key: "x" });
    assert.deepEqual(nodes, [{ id: "a", reason: { kind: "queued" } }]);
    await rig.finish("x1");
    assert.deepEqual(rig.called().at(-1), "x2");
    await rig.runtime.close();
  });

  it("explains a run that waits: how many are ahead and for what; elsewhere, that it may wait", async () => {
    const store = createMemoryStore();
    const rig = createQueueRig(1, { store });
    for (const runId of ["now", "next", "third"]) await begin(rig, runId);
    const reason = async ({ runtime }: Pick<Rig, "runtime">) => (await runtime.get("third")).explanation.reason;
    assert.deepEqual(await reason(rig), { kind: "queued", ahead: 1, limit: "server", max_runs: 1 });
    const elsewhere = createRig(createFakeExecutor(), { store });
    assert.equal((await reason(elsewhere)).kind, "preparing");
    await rig.finish("now");
    assert.deepEqual(await reason(rig), { kind: "queued", ahead: 0, limit: "server", max_runs: 1 });
    await rig.until(rig.runtime.request({ runId: "third", kind: "pause", key: "k", by: "test" }));
    assert.equal((await reason(rig)).kind, "paused");
    await rig.runtime.close();
  });

  it("makes no run where the file says reject and as many have not ended; a key that is known is answered", async () => {
    const rig = createQueueRig(1);
    const idempotency = { key: "k", hash: "h" };
    await begin(rig, "first", one({ whenFull: "reject" }), { idempotency });
    await assert.rejects(begin(rig, "second", one({ whenFull: "reject" })), { code: "RUN_QUEUE_FULL" });
    assert.deepEqual(await begin(rig, "third", one({ whenFull: "reject" }), { idempotency }), {
      runId: "first",
      again: true,
    });
    assert.deepEqual(
      (await rig.runtime.list()).runs.map(({ run_id }) => run_id),
      ["first"],
    );
    await assert.rejects(rig.runtime.rerun("first"), { code: "RUN_OWNED" });
    await rig.finish("first");
    await begin(rig, "fourth", one({ whenFull: "reject" }));
    await assert.rejects(rig.runtime.rerun("first", { from: ["a"] }), { code: "RUN_QUEUE_FULL" });
    await rig.runtime.close();
  });

  it("cancels the oldest of the key where the file says so, those that wait first, once the new one is recorded", async () => {
    const rig = createQueueRig(1);
    const workflow = one({ whenFull: "cancel_oldest" });
    await begin(rig, "a", workflow);
    await Promise.all([begin(rig, "b", workflow), begin(rig, "c", workflow)]);
    await rig.until(rig.runtime.wait("a"));
    await rig.until(rig.runtime.wait("b"));
    await rig.step();
    assert.deepEqual([await statusOf(rig, "a"), await statusOf(rig, "b")], ["cancelled", "cancelled"]);
    assert.deepEqual(rig.called(), ["a", "c"]);
    const { cause } = (await rig.runtime.get("b")).explanation;
    assert.deepEqual(cause, {
      kind: "cancel",
      by: "concurrency",
      reason: "run c came after it (when_full: cancel_oldest)",
    });
    await assert.rejects(begin(rig, "c", workflow), { code: "RUN_EXISTS" });
    await rig.step();
    assert.equal(await statusOf(rig, "c"), "running");
    await rig.runtime.close();
  });

  it("gives back the place of a run that could not be recorded", async () => {
    const { faults, wrap } = createFaultyJournal();
    const rig = createQueueRig(1, { wrap });
    faults.refuse = "JOURNAL_FULL";
    await assert.rejects(begin(rig, "lost"), { code: "JOURNAL_FULL" });
    faults.refuse = undefined;
    await rig.step();
    await begin(rig, "a");
    assert.deepEqual([rig.called(), rig.runtime.queueFacts()], [["a"], { running: 1, waiting: 0, maxRuns: 1 }]);
    await rig.runtime.close();
  });

  it("cancels, pauses and unpauses a run that waits, as any", async () => {
    const rig = createQueueRig(1);
    const ask = (kind: "cancel" | "pause" | "unpause", runId: string) =>
      rig.until(rig.runtime.request({ runId, kind, key: kind, by: "test" }));
    for (const runId of ["now", "paused", "cancelled", "next"]) await begin(rig, runId);
    await ask("pause", "paused");
    await ask("cancel", "cancelled");
    assert.deepEqual(await eventsOf(rig, "cancelled"), [
      ...["run.created", "run.cancel_requested", "node.skipped a", "run.cancelled"],
    ]);
    await rig.finish("now");
    assert.deepEqual(rig.called(), ["now", "next"]);
    await ask("unpause", "paused");
    await begin(rig, "later");
    await rig.finish("next");
    assert.deepEqual(rig.called(), ["now", "next", "paused"]);
    await ask("pause", "paused");
    assert.equal(rig.runtime.queueFacts()?.running, 1);
    await rig.runtime.close();
  });

  it("lets go of those that wait when it closes, at once also with a grace, and admits none of them", async () => {
    const rig = createQueueRig(1);
    for (const runId of ["now", "next"]) await begin(rig, runId);
    const closing = rig.runtime.close({ graceMs: 60_000 });
    await rig.step();
    await assert.rejects(rig.runtime.wait("next"), { code: "RUN_LEFT" });
    await rig.finish("now");
    await rig.until(closing);
    assert.deepEqual([rig.called(), await rig.journal.readEvents("next").then(typesOf)], [["now"], ["run.created"]]);
  });

  it("takes up what another left: those that had started go first, then as they were made, before new ones", async () => {
    const store = createMemoryStore();
    const earlier = createQueueRig(2, { store });
    for (const [runId, priority] of Object.entries({ a: 0, b: 0, c: 0, d: 3 })) {
      await begin(earlier, runId, {}, { priority });
    }
    earlier.journal.abandon();
    const rig = createQueueRig(1, { store });
    const release = rig.runtime.holdQueue();
    await begin(rig, "new", {}, { priority: 1 });
    for (const runId of ["c", "d", "b", "a"]) await rig.runtime.resume(runId, { by: "test" });
    release();
    for (let done = 0; done < 5; done += 1) await rig.finish(rig.called().at(-1) ?? "");
    assert.deepEqual(rig.called(), ["b", "a", "d", "new", "c"]);
    await rig.runtime.close();
  });

  it("lets a resumed and a repeated run wait as any, and says what it stands for", async () => {
    const rig = createQueueRig(1);
    await begin(rig, "a");
    await rig.finish("a");
    await begin(rig, "now");
    await rig.runtime.rerun("a", { runId: "again", from: ["a"], priority: 2 });
    assert.equal((await rig.runtime.get("again")).priority, 2);
    await rig.until(rig.runtime.request({ runId: "again", kind: "cancel", key: "k", by: "test" }));
    await rig.until(rig.runtime.wait("again"));
    const resumed = await rig.runtime.resume("again", { by: "test" });
    assert.deepEqual([resumed.from, resumed.reset], ["cancelled", ["a"]]);
    assert.deepEqual(await eventsOf(rig, "again").then((types) => types.at(-1)), "run.resumed");
    assert.equal((await rig.runtime.get("again")).explanation.reason.kind, "queued");
    await rig.finish("now");
    await rig.finish("again");
    assert.equal(await statusOf(rig, "again"), "succeeded");
    await rig.runtime.close();
  });
});
