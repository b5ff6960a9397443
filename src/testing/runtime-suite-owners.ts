import assert from "node:assert/strict";
import { it } from "node:test";
import { createGate, SUCCEEDED, untilAborted } from "./fake-executor.ts";
import { refused, type SetUp, start } from "./runtime-harness.ts";
import { workflowOf } from "./workflow-of.ts";

/** What a process promises that drives its own runs. */
export function describeOwners(setUp: SetUp): void {
  it("keeps to max_concurrency of an address over all its runs", async () => {
    const { runtime, executor } = await setUp(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return SUCCEEDED;
    });
    const workflow = workflowOf("a; b; c; d", { services: { one: { address: "localhost:1", maxConcurrency: 2 } } });
    const runs = await Promise.all([start(runtime, workflow), start(runtime, workflow), start(runtime, workflow)]);
    for (const run of runs) assert.equal((await runtime.wait(run.runId)).type, "run.succeeded");
    assert.equal(executor.peak, 2);
    assert.equal(executor.attempts.length, 12);
  });

  it("says which process drives a run that lives (R2)", async () => {
    const gate = createGate<void>();
    const { runtime, open } = await setUp(async () => {
      await gate.promise;
      return SUCCEEDED;
    });
    await start(runtime, workflowOf("a"), "alive");
    const other = await open();
    const error = await refused("RUN_OWNED", () => other.runtime.resume("alive", { by: "test" }));
    assert.equal(error.details?.pid, process.pid);
    gate.open();
    await runtime.wait("alive");
  });

  it("leaves its runs interrupted when it closes, and its calls ended", async () => {
    const { runtime, executor, close, open } = await setUp((_, signal) => untilAborted(signal));
    const run = await start(runtime, workflowOf("a"), "open");
    const waiting = refused("RUN_LEFT", () => runtime.wait(run.runId));
    await close();
    await waiting;
    assert.equal(executor.outstanding, 0);
    const second = await open();
    const [listed] = (await second.runtime.list({ interrupted: true })).runs;
    assert.equal(listed?.run_id, "open");
  });
}
