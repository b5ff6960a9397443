// Looking at a large run gives what else the process does its turns.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFakeExecutor, createGate, SUCCEEDED } from "../../testing/fake-executor.ts";
import { createRig, start } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { PAGE_EVENTS, PIECE } from "./load.ts";

const NODES = 1500;
const NAMES = Array.from({ length: NODES }, (_, index) => `n${index}`);
const WORKFLOW = workflowOf(NAMES.join("; "), { maxParallel: NODES });

/** How often others had their turn while this was going on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

describe("a reader", () => {
  it("lets others go on between pages of a large run, and between pieces of what is made of it", async () => {
    const rig = createRig(createFakeExecutor());
    const { runId, ended } = await start(rig, WORKFLOW);
    await ended;
    const { length } = await rig.runtime.events(runId);
    const pages = Math.floor(length / PAGE_EVENTS);
    assert.ok(pages >= 10);
    const watchAll = async (): Promise<void> => {
      for await (const _ of rig.runtime.watch(runId));
    };
    const feedAll = async (): Promise<void> => {
      for await (const _ of rig.runtime.feed());
    };
    for (const work of [() => rig.runtime.get(runId), () => rig.runtime.events(runId), watchAll, feedAll]) {
      assert.ok((await turnsDuring(work)) >= pages);
    }
    const pieces = Math.ceil(length / PIECE) + Math.ceil(NODES / PIECE);
    assert.ok((await turnsDuring(() => rig.runtime.get(runId))) >= pages + pieces);
    const view = await rig.runtime.get(runId);
    assert.deepEqual([view.status, view.nodes.length], ["succeeded", NODES]);
    await rig.runtime.close();
  });

  it("says all of a large run as of the moment in which it was read, also where the run ends meanwhile", async () => {
    const gate = createGate<typeof SUCCEEDED>();
    const executor = createFakeExecutor(({ nodeId }) => (nodeId === "n0" ? gate.promise : Promise.resolve(SUCCEEDED)));
    let isAwaited = false;
    const rig = createRig(executor, {
      wrap: (journal) => ({
        ...journal,
        async readStored(...what) {
          const stored = await journal.readStored(...what);
          if (isAwaited) gate.open(SUCCEEDED);
          return stored;
        },
      }),
    });
    const { runId, ended } = await start(rig, WORKFLOW);
    while ((await rig.runtime.list()).runs[0]?.counts.succeeded !== NODES - 1) await rig.step();
    isAwaited = true;
    const view = await rig.runtime.get(runId);
    assert.deepEqual([view.status, view.explanation.reason.kind], ["running", "under_way"]);
    assert.equal((await rig.until(ended)).type, "run.succeeded");
    await rig.runtime.close();
  });
});
