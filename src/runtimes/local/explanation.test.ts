// What is explained in the process that drives a run, and in others.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import type { RunReason } from "../../engine/explanation.ts";
import type { Executor } from "../../ports/executor.ts";
import { createFakeExecutor, untilAborted } from "../../testing/fake-executor.ts";
import { createFaultyJournal } from "../../testing/faulty-journal.ts";
import { createRig, type Rig, resume, start } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";

const PREFLIGHT = { timeoutMs: 5000, waitMs: 0 };
const NEVER = (): Promise<never> => new Promise(() => undefined);

async function kindOf({ runtime }: Rig, runId: string): Promise<RunReason["kind"]> {
  return (await runtime.get(runId)).explanation.reason.kind;
}

/** A run that has failed, on a store of its own. */
async function failed(graph = "a", workflow = {}) {
  const store = createMemoryStore();
  const rig = createRig(
    createFakeExecutor(() => ({ outcome: "failed", error: { code: "NODE_REPORTED_FAILURE", message: "no" } })),
    { store },
  );
  const run = await start(rig, workflowOf(graph, workflow));
  await rig.until(run.ended);
  return { store, runId: run.runId, elsewhere: rig };
}

describe("an explanation", () => {
  it("says in the owner's process what only that knows of a resumed run: a sweep, then preflight", async () => {
    const { store, runId, elsewhere } = await failed();
    const swept = Promise.withResolvers<void>();
    const executor: Executor = { ...createFakeExecutor(), sweep: () => swept.promise, preflight: NEVER };
    const rig = createRig(executor, { store });
    await resume(rig, runId, { preflight: PREFLIGHT });
    assert.deepEqual([await kindOf(rig, runId), await kindOf(elsewhere, runId)], ["sweep", "preparing"]);
    swept.resolve();
    await rig.step();
    assert.deepEqual([await kindOf(rig, runId), await kindOf(elsewhere, runId)], ["preflight", "preparing"]);
    await rig.runtime.close();
  });

  it("says there, too, which nodes of a resumed run wait for a slot", async () => {
    const limited = { services: { one: { address: "far:1", maxConcurrency: 1 } } };
    const { store, runId, elsewhere } = await failed("a", limited);
    const rig = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    await rig.runtime.start({ definition: workflowOf("x", limited).definition, runId: "other" });
    await resume(rig, runId);
    const [here, there] = [await rig.runtime.get(runId), await elsewhere.runtime.get(runId)];
    assert.deepEqual(here.explanation.nodes, [{ id: "a", reason: { kind: "slot", service: "one" } }]);
    assert.deepEqual(there.explanation.nodes, [{ id: "a", reason: { kind: "preparing", service: "one" } }]);
    await rig.runtime.close();
  });

  it("says that its process has let go of a run", async () => {
    const { store, runId } = await failed();
    const sweep = async (): Promise<never> => {
      throw new Error("no engine");
    };
    const rig = createRig({ ...createFakeExecutor(), sweep }, { store });
    const { ended } = await resume(rig, runId);
    await assert.rejects(rig.until(ended), { code: "INTERNAL" });
    const { reason, nodes, next } = (await rig.runtime.get(runId)).explanation;
    assert.deepEqual(
      [reason, nodes, next],
      [{ kind: "left" }, [{ id: "a", reason: { kind: "left" } }], `resume ${runId}`],
    );
    await rig.runtime.close();
  });

  it("says that the journal takes nothing, and of nodes what is recorded", async () => {
    const { faults, wrap } = createFaultyJournal();
    const ends = Promise.withResolvers<void>();
    const executor = createFakeExecutor(async () => {
      await ends.promise;
      return { outcome: "succeeded", output: {} };
    });
    const rig = createRig(executor, { wrap, onTrouble: () => undefined });
    const run = await start(rig, workflowOf("a > b"));
    faults.refuse = "JOURNAL_FULL";
    ends.resolve();
    await rig.step();
    const { reason, nodes } = (await rig.runtime.get(run.runId)).explanation;
    assert.ok(reason.kind === "stalled" && reason.error.code === "JOURNAL_FULL");
    assert.deepEqual(
      nodes.map((node) => `${node.id} ${node.reason.kind}`),
      ["a running", "b upstream"],
    );
    faults.refuse = undefined;
    await rig.until(run.ended);
  });
});
