// Workers behind one address: each makes some of a run's attempts, with Restate's settings as they are.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { until } from "../../src/testing/until.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { type Field, startField } from "./chaos/field.ts";

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

  /** How many attempts of a run each process began. */
  const countsOf = (runId: string): readonly number[] => {
    const begun = field.workers.flatMap((worker) => worker.notes()).filter(({ what }) => what === "begun");
    const byPid = Map.groupBy(
      begun.filter((note) => note.runId === runId),
      ({ pid }) => pid,
    );
    return [...byPid.values()].map((notes) => notes.length);
  };

  const lostOf = async (runId: string): Promise<number> =>
    (await field.runtime.events(runId)).filter(
      (event) => event.type === "node.attempt_failed" && event.outcome === "lost",
    ).length;

  it("share the attempts of one run", async (test) => {
    const runId = await start();
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    const counts = countsOf(runId);
    test.diagnostic(`attempts by process: ${counts.join(", ")}`);
    assert.equal(counts.length, 2);
    assert.ok(Math.min(...counts) >= ATTEMPTS / 6, `${counts}`);
  });

  it("share them also while one is killed: the other makes again what that had begun", async (test) => {
    const runId = await start();
    await until(() => countsOf(runId).length >= 2);
    await field.workers[0]?.kill();
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    const lost = await lostOf(runId);
    const counts = countsOf(runId);
    test.diagnostic(`attempts by process: ${counts.join(", ")}; lost: ${lost}`);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      ATTEMPTS + lost,
    );
  });

  it("share them again once that is back", async (test) => {
    await field.workers[0]?.start();
    let counts: readonly number[] = [];
    do {
      const runId = await start();
      await field.runtime.wait(runId);
      counts = countsOf(runId);
      // Connections have been given up for it.
      assert.equal(await lostOf(runId), 0);
      test.diagnostic(`attempts by process: ${counts.join(", ")}`);
    } while (counts.length < 2 && !test.signal.aborted);
  });

  it("lose nothing where one of them is asked to end", async (test) => {
    const runId = await start();
    await until(() => countsOf(runId).length >= 2);
    await field.workers[0]?.end();
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    test.diagnostic(`attempts by process: ${countsOf(runId).join(", ")}`);
    assert.equal(await lostOf(runId), 0);
  });
});
