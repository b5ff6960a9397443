// When a feed looks for more: at once for what is recorded here, now and then for others, and never for nothing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import type { Journal } from "../../ports/journal.ts";
import { createFakeExecutor } from "../../testing/fake-executor.ts";
import { createRig, start } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import { LOOK_MS } from "./looks.ts";

/** Two processes on one store; the first follows all runs. */
function setUp() {
  const store = createMemoryStore();
  const clock = createSteppingClock();
  let reads = 0;
  const counting = (journal: Journal): Journal => ({
    ...journal,
    readFeed(after) {
      reads += 1;
      return journal.readFeed(after);
    },
  });
  const ours = createRig(createFakeExecutor(), { store, clock, wrap: counting });
  const theirs = createRig(createFakeExecutor(), { store, clock });
  const seen: string[] = [];
  const ended = (async () => {
    for await (const item of ours.runtime.feed({ follow: true })) {
      if (item.kind === "event") seen.push(`${item.event.run_id} ${item.event.type}`);
    }
  })();
  return { ours, theirs, seen, ended, reads: () => reads };
}

describe("a feed that follows", () => {
  it("gives what is recorded in its process at once, whatever the clock says", async () => {
    const { ours, seen, ended } = setUp();
    await ours.step();
    const { runId } = await start(ours, workflowOf("a"));
    await ours.step();
    assert.deepEqual(
      seen,
      (await ours.runtime.events(runId)).map(({ type }) => `${runId} ${type}`),
    );
    await ours.runtime.close();
    await ended;
  });

  it("gives what others record when it looks, and reads nothing where nothing has changed", async () => {
    const { ours, theirs, seen, ended, reads } = setUp();
    await ours.step();
    const { runId, ended: runEnded } = await start(theirs, workflowOf("a"));
    await theirs.step();
    await runEnded;
    assert.deepEqual(seen, [], "it has not looked again");
    await ours.step(LOOK_MS);
    assert.deepEqual(
      seen,
      (await theirs.runtime.events(runId)).map(({ type }) => `${runId} ${type}`),
    );
    const before = reads();
    for (let looks = 0; looks < 50; looks += 1) await ours.step(LOOK_MS);
    assert.equal(reads(), before);
    await ours.runtime.close();
    await ended;
  });
});
