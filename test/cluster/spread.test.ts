// Workers behind one address: each makes some of a run's attempts, with Restate's settings as they are.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { until } from "../../src/testing/until.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { type Field, startField } from "./chaos/field.ts";
import type { WorkerNote } from "./workers/notes.ts";

const ATTEMPTS = 60;

describe("two workers behind one address", { ...requireRestate(), timeout: 120_000 }, () => {
  let field: Field;
  before(async () => {
    field = await startField({
      nodes: 1,
      workers: 2,
      connectionMs: 2_000,
      // As it is where nobody sets it.
      config: { "worker.invoker.http2-streams-per-connection-limit": 128 },
    });
  });
  after(() => field?.close());

  const start = async () => {
    const ids = Array.from({ length: ATTEMPTS }, (_, index) => `n${index}_w100`);
    return (await field.runtime.start({ definition: workflowOf(ids.join(", "), { maxParallel: 8 }).definition })).runId;
  };

  const begunOf = (runId: string): readonly WorkerNote[] =>
    field.workers.flatMap((worker) => worker.notes()).filter((note) => note.what === "begun" && note.runId === runId);

  /** How many attempts of a run each process began. */
  const countsOf = (runId: string): readonly number[] =>
    [...Map.groupBy(begunOf(runId), ({ pid }) => pid).values()].map((notes) => notes.length);

  /** Starts runs until one is under way on both: each of Restate's connections leads to one of them. */
  async function startOnBoth(signal: AbortSignal) {
    const before: string[] = [];
    for (;;) {
      const runId = await start();
      let isOver = false;
      const over = field.runtime.wait(runId).finally(() => {
        isOver = true;
      });
      over.catch(() => undefined);
      await until(() => isOver || countsOf(runId).length >= 2);
      if (!isOver) return { runId, before };
      await over;
      before.push(runId);
      signal.throwIfAborted();
    }
  }

  const lostOf = async (runId: string): Promise<number> =>
    (await field.runtime.events(runId)).filter(
      (event) => event.type === "node.attempt_failed" && event.outcome === "lost",
    ).length;

  it("share the attempts of one run", async (test) => {
    let counts: readonly number[] = [];
    do {
      const { runId } = await startOnBoth(test.signal);
      assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
      counts = countsOf(runId);
      test.diagnostic(`attempts by process: ${counts.join(", ")}`);
      assert.equal(counts.length, 2);
      // One of them may have come to it late.
    } while (Math.min(...counts) < ATTEMPTS / 6 && !test.signal.aborted);
  });

  it("share them also while one is killed: the other makes again what that had begun", async (test) => {
    const { runId } = await startOnBoth(test.signal);
    await field.workers[0]?.kill();
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    const recorded: string[] = [];
    const lost: string[] = [];
    for (const event of await field.runtime.events(runId)) {
      if (event.type === "node.started") recorded.push(`${event.node_id}/${event.attempt}`);
      if (event.type === "node.attempt_failed" && event.outcome === "lost")
        lost.push(`${event.node_id}/${event.attempt}`);
    }
    const begun = begunOf(runId).map(({ nodeId, attempt }) => `${nodeId}/${attempt}`);
    test.diagnostic(`attempts by process: ${countsOf(runId).join(", ")}; lost: ${lost.length}`);
    assert.equal(new Set(begun).size, begun.length, "none is made twice");
    // Also lost is one whose worker was killed between its record and its beginning.
    assert.deepEqual([...new Set([...begun, ...lost])].sort(), recorded.sort());
    assert.equal(recorded.length, ATTEMPTS + lost.length);
  });

  it("share them again once that is back", async (test) => {
    await field.workers[0]?.start();
    const { runId: last, before } = await startOnBoth(test.signal);
    for (const runId of [...before, last]) {
      await field.runtime.wait(runId);
      // Connections have been given up for it.
      assert.equal(await lostOf(runId), 0);
      test.diagnostic(`attempts by process: ${countsOf(runId).join(", ")}`);
    }
  });

  it("lose nothing where one of them is asked to end", async (test) => {
    const { runId } = await startOnBoth(test.signal);
    await field.workers[0]?.end();
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    test.diagnostic(`attempts by process: ${countsOf(runId).join(", ")}`);
    assert.equal(await lostOf(runId), 0);
  });
});
