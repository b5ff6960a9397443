// What a full disk does to the runs of a process that goes on: a library user's, later a server's.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Busbar, openBusbar, type RunView } from "../src/index.ts";
import { createFakeExecutor, createGate, SUCCEEDED } from "../src/testing/fake-executor.ts";
import { fillDisk, mountSkip, withSmallDisk } from "../src/testing/mounts.ts";
import { workflowOf } from "../src/testing/workflow-of.ts";

async function viewWhen(busbar: Busbar, runId: string, holds: (view: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const view = await busbar.get(runId);
    if (holds(view)) return view;
    await setTimeout(20);
  }
}

describe("a full disk under a process that goes on", { skip: mountSkip(), timeout: 60_000 }, () => {
  const { definition } = workflowOf("a > b; a > c");

  it("stalls its run, loses no attempt, and drives it on when there is room again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-full-"));
    await withSmallDisk(folder, 4, async (disk) => {
      const gate = createGate<void>();
      const executor = createFakeExecutor(async () => {
        await gate.promise;
        return SUCCEEDED;
      });
      const troubles: unknown[] = [];
      const busbar = await openBusbar({
        stateDir: join(disk, ".busbar"),
        executors: { grpc: executor },
        onTrouble: (trouble) => troubles.push(trouble),
      });
      const { runId } = await busbar.start({ definition });
      fillDisk(disk);
      gate.open();
      const stalled = await viewWhen(busbar, runId, ({ owner }) => owner?.stalled !== undefined);
      assert.equal(stalled.owner?.stalled?.error.code, "JOURNAL_FULL");
      assert.equal(stalled.status, "running");
      await assert.rejects(busbar.start({ definition }), { code: "JOURNAL_FULL" });

      rmSync(join(disk, "filler"));
      assert.equal((await busbar.wait(runId)).type, "run.succeeded");
      assert.deepEqual(
        executor.attempts.map(({ nodeId, attempt }) => `${nodeId} ${attempt}`),
        ["a 1", "b 1", "c 1"],
      );
      assert.equal((await busbar.get(runId)).owner, undefined);
      assert.equal(troubles.length, 1, "told once, however often it was tried");
      await busbar.close();
    });
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets the process close meanwhile: the run is left interrupted, and another process goes on with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-full-"));
    await withSmallDisk(folder, 4, async (disk) => {
      const gate = createGate<void>();
      const options = { stateDir: join(disk, ".busbar"), onTrouble: () => undefined };
      const executor = createFakeExecutor(async () => {
        await gate.promise;
        return SUCCEEDED;
      });
      const busbar = await openBusbar({ ...options, executors: { grpc: executor } });
      const { runId } = await busbar.start({ definition });
      fillDisk(disk);
      gate.open();
      await viewWhen(busbar, runId, ({ owner }) => owner?.stalled !== undefined);
      const waiting = assert.rejects(busbar.wait(runId), { code: "RUN_LEFT" });
      await busbar.close();
      await waiting;

      rmSync(join(disk, "filler"));
      const next = await openBusbar({ ...options, executors: { grpc: createFakeExecutor() } });
      const { from } = await next.resume(runId, { by: "test" });
      assert.equal(from, "interrupted");
      assert.equal((await next.wait(runId)).type, "run.succeeded");
      await next.close();
    });
    rmSync(folder, { recursive: true, force: true });
  });
});
