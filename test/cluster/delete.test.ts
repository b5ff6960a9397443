import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createAdmin } from "../../src/adapters/restate/admin.ts";
import { createHttpTools } from "../../src/adapters/restate/http.ts";
import { createIngress, type Ingress } from "../../src/adapters/restate/ingress.ts";
import { RUN_OBJECT } from "../../src/adapters/restate/names.ts";
import type { DeleteInput, StoredHead } from "../../src/adapters/restate/wire.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { timestampOf } from "../../src/kernel/timestamp.ts";
import type { FeedItem } from "../../src/ports/feed.ts";
import type { Retention } from "../../src/ports/retention.ts";
import { createClusterRetention } from "../../src/runtimes/cluster/prune.ts";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

async function collect(items: AsyncIterable<FeedItem>): Promise<readonly FeedItem[]> {
  const all: FeedItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("deleting runs of a cluster", { ...requireRestate(), timeout: 120_000 }, () => {
  const clock = createSystemClock();
  const http = createHttpTools(clock);
  /** When ends of just now are told of no more. */
  const later = () => timestampOf(clock.now() + 60_000);
  let cluster: TestCluster;
  let ingress: Ingress;
  let retention: Retention;
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const executor = createFakeExecutor(({ nodeId }, signal) => (nodeId === "slow" ? untilAborted(signal) : SUCCEEDED));
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
    ingress = createIngress(cluster.ingress, http);
    retention = createClusterRetention(ingress, createAdmin(cluster.admin, http));
  });
  after(async () => {
    http.close();
    await cluster?.close();
  });

  it("leaves nothing of a run but its id, which no other run gets", async () => {
    const { runtime } = cluster;
    const { definition } = workflowOf("a > b");
    const idempotency = { key: "k", hash: "h" };
    await runtime.start({ runId: "gone", definition, idempotency });
    await runtime.start({ runId: "stays", definition });
    await Promise.all(["gone", "stays"].map((id) => runtime.wait(id)));
    const [place] = (await collect(runtime.feed({ after: "now" }))).slice(-1);
    assert.equal(await retention.prune("gone", timestampOf(clock.now())), false, "its end is told of");
    assert.ok((await retention.readSize("gone")) > 0);

    assert.equal(await retention.prune("gone", later()), true);

    assert.equal(await retention.prune("gone", later()), false);
    await assert.rejects(runtime.get("gone"), { code: "RUN_NOT_FOUND" });
    const { runs, damaged } = await runtime.list();
    assert.deepEqual([runs.map(({ run_id }) => run_id), damaged], [["stays"], []]);
    await assert.rejects(runtime.resolve("gone"), { code: "RUN_NOT_FOUND" });
    const left = await cluster.query("SELECT service_name, key FROM state WHERE service_key NOT IN ('stays')");
    assert.deepEqual(left, [{ service_name: "BusbarRun", key: "deleted" }]);
    await assert.rejects(runtime.start({ runId: "gone", definition }), { code: "RUN_EXISTS" });
    assert.equal((await runtime.start({ runId: "next", definition, idempotency })).runId, "next", "the key is free");
    await runtime.wait("next");
    const items = await collect(runtime.feed({ after: place?.cursor ?? "" }));
    assert.deepEqual(items[0]?.kind === "reset" && items[0].reason, "pruned");
    assert.deepEqual(await retention.readUnswept(), ["gone"]);
  });

  it("answers a deletion whose answer was lost as before, and deletes no run that has gone on since it was looked at", async () => {
    const { runtime } = cluster;
    await runtime.start({ runId: "twice", definition: workflowOf("a").definition });
    await runtime.wait("twice");
    const ask = <T>(handler: string, input?: DeleteInput) =>
      ingress.call<T>({ service: RUN_OBJECT, key: "twice", handler }, input);
    const { epoch } = await ask<StoredHead>("head");
    const at = later();
    assert.equal(await ask("delete", { at, epoch: epoch - 1 }), false);
    assert.equal((await runtime.get("twice")).status, "succeeded");
    assert.equal(await ask("delete", { at, epoch }), true);
    assert.equal(await ask("delete", { at, epoch }), true);
    assert.equal(await ask("delete", { at: timestampOf(clock.now() + 120_000), epoch }), false);
  });

  it("never deletes a run that has not ended, or that is not there", async () => {
    const { runtime } = cluster;
    await runtime.start({ runId: "goes-on", definition: workflowOf("slow").definition });
    assert.equal(await retention.prune("unknown", later()), false);
    assert.equal(await retention.prune("goes-on", later()), false);
    await runtime.request({ runId: "goes-on", kind: "cancel", key: "c", by: "a test" });
    await runtime.wait("goes-on");
    assert.equal(await retention.prune("goes-on", later()), true);
  });
});
