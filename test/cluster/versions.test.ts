// Workers of two versions at once: runs end where they began, and nothing of the old version is needed after that.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { sqlText } from "../../src/adapters/restate/admin.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { until } from "../../src/testing/until.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import { type Field, startField } from "./chaos/field.ts";

describe("workers of two versions", { ...requireRestate(), timeout: 300_000 }, () => {
  let field: Field;
  beforeEach(async () => {
    field = await startField({ nodes: 1, workers: 1 });
  });
  afterEach(() => field.close());

  /** `a succeeded 1`: which version made it. */
  async function endsOf(runId: string): Promise<readonly string[]> {
    const events = await field.runtime.events(runId);
    return events.flatMap((event) => {
      if (event.type === "node.attempt_failed") return [`${event.node_id} ${event.outcome}`];
      if (event.type !== "node.succeeded") return [];
      return [`${event.node_id} ${(event.output as { readonly version: string }).version}`];
    });
  }

  const start = async (literal: string) =>
    (await field.runtime.start({ definition: workflowOf(literal).definition })).runId;

  /** What is not over of what began on workers at one address. */
  const pinnedTo = (deployment: string) =>
    field.admin.query(
      `SELECT id, target FROM sys_invocation WHERE status <> 'completed' AND pinned_deployment_id = ${sqlText(deployment)}`,
    );

  async function oldDeployment(): Promise<string> {
    const { deployments } = JSON.parse(await field.askAdmin("GET", "/deployments")) as {
      readonly deployments: readonly { readonly id: string }[];
    };
    return deployments[0]?.id ?? "";
  }

  async function begun(nodeId: string): Promise<void> {
    await until(() => field.workers.some((worker) => worker.notes().some((note) => note.nodeId === nodeId)));
  }

  it("end what each began; the old ones are drained, and go", async () => {
    const old = await oldDeployment();
    const fresh = await field.startWorker("2");
    const before = await start("a_w10 > b_h > c_w10");
    await begun("b_h");
    await field.admin.register(`http://${fresh.address}`);
    const after = await start("d_w10 > e_w10");
    await field.runtime.wait(after);
    assert.deepEqual(await endsOf(after), ["d_w10 2", "e_w10 2"]);
    assert.deepEqual((await pinnedTo(old)).map(({ target }) => target).sort(), [
      "BusbarAttempt/make",
      `BusbarRun/${before}/drive`,
    ]);
    field.workers[0]?.letGo();
    assert.equal((await field.runtime.wait(before)).type, "run.succeeded");
    // The old workers drive it to its end; what they call goes to the new ones.
    assert.deepEqual(await endsOf(before), ["a_w10 1", "b_h 1", "c_w10 2"]);
    await until(async () => (await pinnedTo(old)).length === 0);
    await field.workers[0]?.kill();
    await field.askAdmin("DELETE", `/deployments/${old}?force=true`);
    const last = await start("f_w10");
    assert.equal((await field.runtime.wait(last)).type, "run.succeeded");
    assert.equal((await field.runtime.get(before)).status, "succeeded");
  });

  it("take over what the old ones began, where those are gone too early: paused, and resumed on the new ones", async () => {
    const old = await oldDeployment();
    const runId = await start("a_w10 > b_h > c_w10");
    await begun("b_h");
    await field.workers[0]?.kill();
    const fresh = await field.startWorker("2");
    fresh.letGo();
    const { id } = await field.admin.register(`http://${fresh.address}`);
    for (const { id: invocation } of await pinnedTo(old)) {
      await field.askAdmin("PATCH", `/invocations/${invocation}/pause`);
      const isPaused = `SELECT id FROM sys_invocation WHERE status = 'paused' AND id = ${sqlText(String(invocation))}`;
      await until(async () => (await field.admin.query(isPaused)).length !== 0);
      await field.askAdmin("PATCH", `/invocations/${invocation}/resume?deployment=${id}`);
    }
    assert.equal((await field.runtime.wait(runId)).type, "run.succeeded");
    assert.deepEqual(await endsOf(runId), ["a_w10 1", "b_h lost", "b_h 2", "c_w10 2"]);
    assert.deepEqual(await pinnedTo(old), []);
  });
});
