// More runs under way than Restate has places for invocations: a drive that waits gives its place back, after its
// inactivity (2 s). Until then attempts wait for one, so that each step may take that long, and no longer.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createFakeExecutor, SUCCEEDED } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

/** Of each partition; 1,000 where nobody says otherwise. */
const PLACES = 4;
const RUNS = 8;

describe("more drives than places", requireRestate(), () => {
  let cluster: TestCluster;
  const executor = createFakeExecutor(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return SUCCEEDED;
  });
  before(async () => {
    const config = { "worker.invoker.concurrent-invocations-limit": PLACES, "default-num-partitions": 1 };
    cluster = await startCluster({ nodes: 1, config });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
  });
  after(() => cluster?.close());

  it("do not keep one another from going on", async (test) => {
    const { runtime } = cluster;
    const { definition } = workflowOf("a > b");
    const began = performance.now();
    const runs = await Promise.all(Array.from({ length: RUNS }, () => runtime.start({ definition })));
    const ends = await Promise.all(runs.map(({ runId }) => runtime.wait(runId)));
    test.diagnostic(`${RUNS} runs over ${PLACES} places: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    assert.deepEqual(new Set(ends.map(({ type }) => type)), new Set(["run.succeeded"]));
    assert.equal(executor.attempts.length, 2 * RUNS);
  });
});
