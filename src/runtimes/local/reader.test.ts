// Looking at a large run gives what else the process does its turns.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFakeExecutor } from "../../testing/fake-executor.ts";
import { createRig, start } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { PAGE_EVENTS } from "./load.ts";

const NODES = 1000;

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
  it("lets others go on between pages of a large run", async () => {
    const rig = createRig(createFakeExecutor());
    const nodes = Array.from({ length: NODES }, (_, index) => `n${index}`).join("; ");
    const { runId, ended } = await start(rig, workflowOf(nodes, { maxParallel: NODES }));
    await ended;
    const pages = Math.floor((await rig.runtime.events(runId)).length / PAGE_EVENTS);
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
    const view = await rig.runtime.get(runId);
    assert.deepEqual([view.status, view.nodes.length], ["succeeded", NODES]);
    await rig.runtime.close();
  });
});
