import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createFakeExecutor } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

describe("a run on a cluster", requireRestate(), () => {
  let cluster: TestCluster;
  const executor = createFakeExecutor();
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
  });
  after(() => cluster?.close());

  it("is driven to its end, and tells of every step", async () => {
    const { runtime } = cluster;
    const { runId } = await runtime.start({ definition: workflowOf("a > b > c").definition });
    assert.equal((await runtime.wait(runId)).type, "run.succeeded");
    assert.deepEqual(
      (await runtime.events(runId)).map(({ type, seq }) => `${seq} ${type}`),
      [
        "1 run.created",
        "2 run.started",
        ...["3 node.started", "4 node.succeeded", "5 node.started", "6 node.succeeded", "7 node.started"],
        ...["8 node.succeeded", "9 run.succeeded"],
      ],
    );
    const { status, nodes } = await runtime.get(runId);
    assert.deepEqual(
      [status, nodes.map((node) => node.status)],
      ["succeeded", ["succeeded", "succeeded", "succeeded"]],
    );
    assert.deepEqual(
      executor.attempts.map(({ idempotencyKey }) => idempotencyKey),
      ["a", "b", "c"].map((id) => `${runId}/${id}/1`),
    );
  });
});
