import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type OpenCluster, openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import type { RunEvent } from "../../src/engine/events.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { FeedItem } from "../../src/ports/feed.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

/** As a client has it: what it knows already it drops; a number that is left out would be a loss. */
function createClient() {
  const known = new Map<string, number>();
  return {
    known,
    take({ run_id, seq }: RunEvent): boolean {
      const last = known.get(run_id) ?? 0;
      if (seq <= last) return false;
      assert.equal(seq, last + 1, `run ${run_id} goes on in its order`);
      known.set(run_id, seq);
      return true;
    },
  };
}

async function collect(items: AsyncIterable<FeedItem>): Promise<readonly FeedItem[]> {
  const all: FeedItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const eventsOf = (items: readonly FeedItem[]) => items.flatMap((item) => (item.kind === "event" ? [item.event] : []));

describe("the feed of a cluster", { ...requireRestate(), timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let gate = createGate<void>();
  const others: OpenCluster[] = [];
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const executor = createFakeExecutor(async ({ nodeId }, signal) => {
      if (nodeId !== "held") return SUCCEEDED;
      return Promise.race([gate.promise.then(() => SUCCEEDED), untilAborted(signal)]);
    });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
  });
  after(async () => {
    gate.open();
    await Promise.all(others.map((other) => other.close()));
    await cluster?.close();
  });

  /** As another process has it. */
  function openOther(): OpenCluster {
    const { ingress, admin } = cluster;
    const other = openCluster({ ingress, admin, origin: "library" }, createShared(createSecrets(() => undefined)));
    others.push(other);
    return other;
  }

  const start = (runId: string, literal: string) =>
    cluster.runtime.start({ runId, definition: workflowOf(literal).definition });
  const finish = async (runId: string, literal: string) => {
    await start(runId, literal);
    await cluster.runtime.wait(runId);
  };

  it("tells of all that is there, once, and of nothing where nothing came since", async () => {
    const { runtime } = cluster;
    for (const id of ["one", "two", "three"]) await finish(id, "a > b");
    const items = await collect(runtime.feed());
    const expected = await Promise.all(["one", "two", "three"].map((id) => runtime.events(id)));
    assert.deepEqual(eventsOf(items), expected.flat());
    assert.deepEqual(
      (await collect(openOther().feed({ after: "now" }))).map(({ kind }) => kind),
      ["now"],
    );
    for (const cursor of ["7", "f1", "b1.1", "f1.1.1.a", "f-1.0"])
      await assert.rejects(collect(runtime.feed({ after: cursor })), { code: "USAGE" });
  });

  it("gives followers every event of every run, in the order of each", async () => {
    const other = openOther();
    const client = createClient();
    const runs = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    let ends = 0;
    for await (const item of other.feed({ after: "now", follow: true })) {
      if (item.kind === "now") void Promise.all(runs.map((runId) => start(runId, "a > b, c > d")));
      if (item.kind !== "event") continue;
      assert.ok(client.take(item.event), "a follower is given nothing twice");
      if (item.event.type === "run.succeeded") ends += 1;
      if (ends === runs.length) break;
    }
    assert.deepEqual([...client.known.keys()].toSorted(), runs.toSorted());
    for (const runId of runs) assert.equal(client.known.get(runId), (await other.events(runId)).length);
  });

  it("goes on from any cursor, in any process, and leaves nothing out", async () => {
    const client = createClient();
    gate = createGate();
    const [now] = await collect(cluster.runtime.feed({ after: "now" }));
    await start("long", "a > held > b");
    let after = now?.cursor ?? "";
    for (let round = 0; round < 6; round += 1) {
      await finish(`round-${round}`, "a > b");
      if (round === 3) gate.open();
      // Another process each time, which is stopped in the middle of it.
      let left = round % 2 === 0 ? 3 : Number.POSITIVE_INFINITY;
      for await (const item of openOther().feed({ after })) {
        assert.equal(item.kind, "event");
        after = item.cursor;
        if (item.kind === "event" && client.take(item.event)) left -= 1;
        if (left === 0) break;
      }
    }
    await cluster.runtime.wait("long");
    for await (const item of openOther().feed({ after })) if (item.kind === "event") client.take(item.event);
    for (const runId of ["long", ...Array.from({ length: 6 }, (_, round) => `round-${round}`)])
      assert.equal(client.known.get(runId), (await cluster.runtime.events(runId)).length, runId);
  });

  it("tells of a run that was resumed after its end only what came then", async () => {
    const { runtime } = cluster;
    gate = createGate();
    await runtime.start({ runId: "again", definition: workflowOf("held > b").definition });
    await runtime.request({ runId: "again", kind: "cancel", key: "k", by: "a test" });
    await runtime.wait("again");
    const before = (await runtime.events("again")).length;
    gate.open();
    const client = createClient();
    client.known.set("again", before);
    for await (const item of openOther().feed({ after: "now", follow: true })) {
      if (item.kind === "now") await runtime.resume("again", { by: "a test" });
      if (item.kind !== "event") continue;
      assert.ok(client.take(item.event));
      if (item.event.type === "run.succeeded") break;
    }
  });

  it("tells of what is damaged in its place, and goes on", async () => {
    const kept = await cluster.query(
      "SELECT key, value_utf8 FROM state WHERE service_key = 'two' AND key NOT LIKE 'page%'",
    );
    await cluster.writeState(
      "BusbarRun",
      "two",
      Object.fromEntries(kept.map(({ key, value_utf8 }) => [key, String(value_utf8)])),
    );
    await cluster.writeState("BusbarRun", "torn", { head: "{" });
    const items = await collect(openOther().feed());
    const damaged = items.flatMap((item) => (item.kind === "damaged" ? [item.error] : []));
    assert.deepEqual(damaged.map(({ code, details }) => `${code} ${details?.run_id}`).toSorted(), [
      "JOURNAL_DAMAGED torn",
      "JOURNAL_DAMAGED two",
    ]);
    const told = new Set(eventsOf(items).map(({ run_id }) => run_id));
    assert.ok(told.has("one") && told.has("three") && told.has("long"));
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const other = openOther();
    const followed = [other.feed({ follow: true, signal: stop.signal }), other.feed({ follow: true })].map(collect);
    stop.abort();
    await followed[0];
    await other.close();
    await followed[1];
  });
});
