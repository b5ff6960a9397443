// How often whoever looks at a store looks, where a runtime says so.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { type Clock, createSteppingClock } from "../../kernel/clock.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { readDefinition } from "../../testing/read-definition.ts";
import { createRig, start } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import type { Looks } from "./looks.ts";
import { createRunRequester } from "./requester.ts";

const PACE = { firstMs: 100, longestMs: 200 };

/** A process that drives a run of two nodes, and one that looks, whose waits are kept. */
async function setUp(looks: Looks) {
  const store = createMemoryStore();
  const clock = createSteppingClock();
  const gate = createGate<typeof SUCCEEDED>();
  const owner = createRig(
    createFakeExecutor(({ nodeId }, signal) => (nodeId === "a" ? gate.promise : untilAborted(signal))),
    { store, clock },
  );
  const { runId } = await start(owner, workflowOf("a > b"));
  await owner.step();
  const waits: number[] = [];
  const noting: Clock = {
    ...clock,
    after(ms, callback) {
      waits.push(ms);
      return clock.after(ms, callback);
    },
  };
  const looking = createRunRequester({
    journal: openMemoryJournal(store),
    clock: noting,
    readDefinition,
    takeOver: () => assert.fail("somebody drives the run"),
    looks,
  });
  return { owner, runId, gate, waits, looking };
}

async function takeAll(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

describe("looks at a store", () => {
  for (const who of ["events", "feed"] as const) {
    it(`come less and less often while they find nothing, and as at first after something was found (${who})`, async () => {
      const { owner, runId, gate, waits, looking } = await setUp({ [who]: PACE });
      const ended = takeAll(who === "events" ? looking.watch(runId) : looking.feed({ follow: true }));
      await owner.step();
      for (const ms of [100, 150, 200]) await owner.step(ms);
      assert.deepEqual(waits, [100, 150, 200, 200]);
      gate.open(SUCCEEDED);
      await owner.step(200);
      await owner.step();
      assert.deepEqual(waits.slice(4, 5), [100]);
      looking.close();
      await ended;
      await owner.runtime.close();
    });
  }

  it("come less and less often by who waits for an answer", async () => {
    const { owner, runId, gate, waits, looking } = await setUp({ answers: { firstMs: 40, longestMs: 80 } });
    const asked = looking.request({ runId, kind: "cancel", key: "k", by: "somebody" });
    await owner.step();
    for (const ms of [40, 60, 80]) await owner.step(ms);
    assert.deepEqual(waits, [40, 60, 80, 80]);
    await owner.step(80);
    assert.equal((await owner.until(asked)).kind, "applied");
    gate.open(SUCCEEDED);
    looking.close();
    await owner.runtime.close();
  });
});
