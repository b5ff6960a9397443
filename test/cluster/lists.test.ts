import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { openCluster } from "../../src/app/cluster.ts";
import { createShared } from "../../src/app/shared.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import type { RunFilter } from "../../src/ports/run-filter.ts";
import { createFakeExecutor, SUCCEEDED, untilAborted } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

/** Ids that would mean something else as a pattern, in an address or in SQL. */
const ODD_IDS = ["a_b", "a-b", "a.b", "axb", `x${"0".repeat(63)}`];

describe("lists of a cluster", { ...requireRestate(), timeout: 120_000 }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const executor = createFakeExecutor((attempt, signal) => {
      if (attempt.nodeId === "slow") return untilAborted(signal);
      if (attempt.nodeId !== "bad") return SUCCEEDED;
      return { outcome: "failed", error: { code: "CONTAINER_FAILED", message: "it's É 100%" } };
    });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
  });
  after(() => cluster?.close());

  const idsOf = async (filter?: RunFilter) => {
    const { runs, damaged } = await cluster.runtime.list(filter);
    assert.deepEqual(damaged, []);
    return runs.map(({ run_id }) => run_id);
  };

  async function run(runId: string, literal: string, name: string): Promise<void> {
    const options = { name, retry: { maxAttempts: 1 } };
    await cluster.runtime.start({ runId, definition: workflowOf(literal, options).definition });
    if (!literal.includes("slow")) await cluster.runtime.wait(runId);
  }

  it("has every run, the newest first, whatever it is called", async () => {
    for (const id of ODD_IDS) await run(id, "ok", "Odd");
    assert.deepEqual(await idsOf(), ODD_IDS.toReversed());
    assert.equal(await cluster.runtime.resolve("last"), ODD_IDS.at(-1));
    for (const id of ODD_IDS) assert.equal(await cluster.runtime.resolve(id), id);
    assert.equal(await cluster.runtime.resolve("a_"), "a_b");
    await assert.rejects(cluster.runtime.resolve("%"), { code: "RUN_NOT_FOUND" });
    await assert.rejects(cluster.runtime.resolve("a"), { code: "RUN_AMBIGUOUS", message: /: a-b, a.b, a_b, axb$/ });
    await assert.rejects(cluster.runtime.resolve("'; \\ \u{d800}"), { code: "RUN_NOT_FOUND" });
  });

  it("goes on where a page ended, also when runs came meanwhile", async () => {
    const shown: string[] = [];
    let place: string | undefined;
    do {
      const page = await cluster.runtime.list({ limit: 2, ...(place === undefined ? {} : { before: place }) });
      shown.push(...page.runs.map(({ run_id }) => run_id));
      place = page.next;
      if (shown.length === 2) await run("later", "ok", "Odd");
    } while (place !== undefined);
    assert.deepEqual(shown, ODD_IDS.toReversed());
    const { runs, next } = await cluster.runtime.list({ limit: 0 });
    assert.deepEqual(runs, []);
    assert.ok(next !== undefined);
    assert.equal((await cluster.runtime.list({ before: next, limit: 1 })).runs[0]?.run_id, "later");
    for (const cursor of ["", "r1", "c1", "c1.'", "now"])
      await assert.rejects(cluster.runtime.list({ before: cursor }), { code: "USAGE" });
  });

  it("keeps to every filter", async () => {
    const { runtime, ingress, admin } = cluster;
    const middle = new Date(createSystemClock().now() + 1).toISOString();
    await run("failed", "ok > bad", "Ängstlich 'quoted'");
    await run("goes-on", "slow", "Long");
    await run("left", "slow", "Long");
    const other = openCluster({ ingress, admin, origin: "cli" }, createShared(createSecrets(() => undefined)));
    await other.start({ runId: "of-cli", definition: workflowOf("ok", { name: "Odd" }).definition });
    await other.wait("of-cli");
    await other.close();
    const [drive] = await cluster.query(
      "SELECT id FROM sys_invocation WHERE target_service_key = 'left' AND target_handler_name = 'drive'",
    );
    await cluster.kill(String(drive?.id));

    const all = await runtime.list();
    const odd = ["later", ...ODD_IDS.toReversed()];
    const cases: readonly (readonly [RunFilter, readonly string[]])[] = [
      [{}, ["of-cli", "left", "goes-on", "failed", ...odd]],
      [{ status: "failed" }, ["failed"]],
      [{ status: "running" }, ["left", "goes-on"]],
      [{ workflow: "Odd" }, ["of-cli", ...odd]],
      [{ workflow: "odd" }, []],
      [{ text: "ODD" }, ["of-cli", ...odd]],
      [{ text: "Ängstlich 'Q" }, ["failed"]],
      [{ text: "ängst" }, []],
      [{ text: "ed: it's É 100%" }, ["failed"]],
      [{ text: "a_" }, ["a_b"]],
      [{ text: "\\" }, []],
      [{ origin: "cli" }, ["of-cli"]],
      [{ ended: true }, ["of-cli", "failed", ...odd]],
      [{ ended: false }, ["left", "goes-on"]],
      [{ interrupted: true }, ["left"]],
      [{ interrupted: false }, ["of-cli", "goes-on", "failed", ...odd]],
      [{ interrupted: true, limit: 1 }, ["left"]],
      [{ interrupted: false, ended: false, limit: 1 }, ["goes-on"]],
      [{ since: middle }, ["of-cli", "left", "goes-on", "failed"]],
      [{ createdBefore: middle }, odd],
      [{ since: middle.replace("Z", "+00:00"), ended: true }, ["of-cli", "failed"]],
      [{ endedSince: middle }, ["of-cli", "failed"]],
      [{ endedBefore: middle }, odd],
    ];
    for (const [filter, ids] of cases) {
      assert.deepEqual(await idsOf(filter), ids, JSON.stringify(filter));
    }
    const owners = all.runs.map(({ run_id, owner }) => `${run_id} ${owner?.alive}`);
    assert.deepEqual(owners.slice(0, 3), ["of-cli undefined", "left false", "goes-on true"]);
    const { cluster: by, alive } = (await runtime.get("goes-on")).owner ?? {};
    const [goesOn] = await cluster.query(
      "SELECT id FROM sys_invocation WHERE target_service_key = 'goes-on' AND target_handler_name = 'drive'",
    );
    assert.deepEqual([by, alive], [{ url: ingress, invocation: goesOn?.id }, true]);
    await assert.rejects(runtime.resume("goes-on", { by: "me" }), {
      code: "RUN_OWNED",
      message: new RegExp(`^run goes-on is being driven by the cluster at ${ingress}, since 2`),
    });
    for (const listed of all.runs.slice(0, 5)) {
      const view = await runtime.get(listed.run_id);
      for (const [key, value] of Object.entries(listed)) assert.deepEqual(view[key as keyof typeof view], value, key);
    }
  });

  it("tells of a run whose head is damaged, and shows all others", async () => {
    const { runs } = await cluster.runtime.list();
    await cluster.writeState("BusbarRun", "torn", { head: '{"summary":{"created_at":' });
    await cluster.writeState("BusbarRun", "bytes", { head: new Uint8Array([0xff, 0xfe]) });
    await cluster.writeState("BusbarRun", "other", { head: '{"summary":{"created_at":"2026-01-01T00:00:00.000Z"}}' });
    const list = await cluster.runtime.list();
    assert.deepEqual(list.runs, runs);
    assert.deepEqual(
      list.damaged.map(({ code, details }) => [code, details?.run_id]),
      ["torn", "bytes", "other"].map((id) => ["JOURNAL_DAMAGED", id]),
    );
    const page = await cluster.runtime.list({ limit: 4, status: "succeeded" });
    assert.equal(page.runs.length, 4);
    assert.equal((await cluster.runtime.list({ before: page.next ?? "" })).damaged.length, 1);
  });
});
