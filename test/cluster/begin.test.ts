// How a run of a cluster begins: submissions that are sent twice, two at once, and what is refused.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { createHttpTools, type HttpTools } from "../../src/adapters/restate/http.ts";
import { createIngress, type Ingress } from "../../src/adapters/restate/ingress.ts";
import { KEY_OBJECT, keyOf, RUN_OBJECT } from "../../src/adapters/restate/names.ts";
import type { ClaimInput, DriveEnd, DriveInput } from "../../src/adapters/restate/wire.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { createSystemRandom } from "../../src/adapters/system/random.ts";
import { createSubmit } from "../../src/runtimes/cluster/submit.ts";
import { createFakeExecutor, createGate, type Gate, SUCCEEDED } from "../../src/testing/fake-executor.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { refused, start } from "../../src/testing/runtime-harness.ts";
import { workflowOf } from "../../src/testing/workflow-of.ts";
import type { Definition } from "../../src/workflow/model/definition.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

const { skip } = requireRestate();

describe("a run of a cluster begins", { skip, timeout: 120_000 }, () => {
  const clock = createSystemClock();
  const random = createSystemRandom();
  let cluster: TestCluster;
  let http: HttpTools;
  let ingress: Ingress;
  let gate: Gate<void>;
  const executor = createFakeExecutor(async ({ runId }) => {
    if (runId.startsWith("held")) await gate.promise;
    return SUCCEEDED;
  });

  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const { port } = await cluster.startWorker(executor);
    await cluster.register(port);
    http = createHttpTools(clock);
    ingress = createIngress(cluster.ingress, http);
    gate = createGate();
  });
  after(async () => {
    gate?.open();
    http?.close();
    await cluster?.close();
  });

  const { definition } = workflowOf("a");
  const at = new Date(0).toISOString();
  const created = (of: Definition) =>
    ({ kind: "created", at, definitionHash: of.hash, params: {}, busbarVersion: "0.0.0" }) as const;
  const driveOf = (of: Definition = definition) => ({ epoch: 1, how: created(of), definition: of });
  const inputOf = (of?: Definition): DriveInput => ({ ...driveOf(of), token: randomUUID(), atMs: 0, seed: 1 });
  const submitDrive = (runId: string, input: DriveInput): Promise<string> =>
    ingress.submit({ service: RUN_OBJECT, key: runId, handler: "drive" }, input, input.token);
  async function endOf(invocation: string): Promise<DriveEnd> {
    for (;;) {
      const output = await ingress.outputOf<DriveEnd>(invocation);
      if (output.kind === "answered") return output.value;
      assert.equal(output.kind, "under_way");
    }
  }
  const typesOf = async (runId: string) => (await cluster.runtime.events(runId)).map(({ type }) => type);

  it("once, where its submission is sent twice because the first answer was lost", async () => {
    const twice: Ingress = {
      ...ingress,
      async submit(...submission) {
        await ingress.submit(...submission);
        return ingress.submit(...submission);
      },
    };
    const submit = createSubmit({ ingress: twice, clock, random });
    assert.equal(await submit("twice", driveOf()), "begun");
    assert.equal((await cluster.runtime.wait("twice")).type, "run.succeeded");
    assert.equal(
      (
        await cluster.query(
          `SELECT id FROM sys_invocation WHERE target_service_key = 'twice' AND target_handler_name = 'drive'`,
        )
      ).length,
      1,
    );
  });

  it("once, where two submit a run of one id at the same moment: the other is refused", async () => {
    const submit = createSubmit({ ingress, clock, random });
    const both = await Promise.allSettled([submit("held-two", driveOf()), submit("held-two", driveOf())]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const failed = both.find((one) => one.status === "rejected");
    assert.equal(failed?.reason.code, "RUN_EXISTS");
  });

  it("not by a drive that waits behind another of the run: it is refused by the epoch, and records nothing (E6)", async () => {
    await start(cluster.runtime, workflowOf("a"), "held-e6");
    const late = [
      await submitDrive("held-e6", inputOf()),
      await submitDrive("held-e6", {
        ...inputOf(),
        how: { kind: "resumed", by: "test", requests: [], lastRequestId: 0 },
      }),
    ];
    gate.open();
    assert.equal((await cluster.runtime.wait("held-e6")).type, "run.succeeded");
    for (const invocation of late) assert.deepEqual(await endOf(invocation), { kind: "refused", epoch: 1 });
    assert.equal((await typesOf("held-e6")).at(-1), "run.succeeded");
  });

  it("not with a workflow that its worker refuses: whoever submitted it is told, and nothing is tried again", async () => {
    const broken = { ...definition, text: "{" };
    const end = await endOf(await submitDrive("broken", inputOf(broken)));
    assert.ok(end.kind === "left" && end.error?.code === "WORKFLOW_SYNTAX", JSON.stringify(end));
    const submit = createSubmit({ ingress, clock, random });
    await refused("WORKFLOW_SYNTAX", () => submit("broken", driveOf(broken)));
    await refused("RUN_NOT_FOUND", () => cluster.runtime.get("broken"));
    await start(cluster.runtime, workflowOf("a"), "broken");
  });

  const claimOf = (run_id: string, atMs: number): ClaimInput => ({ run_id, hash: "one", token: randomUUID(), atMs });
  const ofKey = (key: string, handler: string) => ({ service: KEY_OBJECT, key: keyOf(key), handler });
  const begin = (key: string) => cluster.runtime.start({ definition, idempotency: { key, hash: "one" } });

  it("not with an event that is too large to be recorded, and its key is free again", async () => {
    const idempotency = { key: "large", hash: "one" };
    const claim = claimOf("large", clock.now());
    await ingress.call(ofKey("large", "claim"), claim);
    const how = { ...created(definition), busbarVersion: "x".repeat(70_000) };
    const submit = createSubmit({ ingress, clock, random });
    await refused("EVENT_TOO_LARGE", () => submit("large", { ...driveOf(), how, idempotency }, claim.token));
    await refused("RUN_NOT_FOUND", () => cluster.runtime.get("large"));
    const { runId, again } = await begin("large");
    assert.equal(again, undefined);
    assert.deepEqual(await cluster.runtime.findByKey("large"), { run_id: runId, hash: "one" });
  });

  it("in the place of a start that claimed its key and was gone: a drive of that one which comes later records nothing", async () => {
    const claim = claimOf("gone", clock.now() - 20_000);
    await ingress.call(ofKey("k", "claim"), claim);
    assert.equal(await cluster.runtime.findByKey("k"), undefined);
    const { runId } = await begin("k");
    const late = { ...inputOf(), token: claim.token, idempotency: { key: "k", hash: "one" } };
    assert.deepEqual(await endOf(await submitDrive("gone", late)), { kind: "refused", epoch: 0, because: "key" });
    await refused("RUN_NOT_FOUND", () => cluster.runtime.get("gone"));
    assert.deepEqual(await begin("k"), { runId, again: true });
  });

  it("once a start that has its key has come to nothing, not before", async () => {
    const claim = claimOf("slow", clock.now());
    await ingress.call(ofKey("l", "claim"), claim);
    const waiting = begin("l");
    // Its drive was killed after it had asked for its key, and before it recorded anything.
    await submitDrive("other", inputOf());
    const invocation = await submitDrive("other", inputOf());
    await endOf(invocation);
    await ingress.call(ofKey("l", "confirm"), { token: claim.token, invocation });
    const { runId } = await waiting;
    assert.notEqual(runId, "slow");
    assert.deepEqual(await cluster.runtime.findByKey("l"), { run_id: runId, hash: "one" });
  });

  it("by the start that came first, where another waits for what becomes of it", async () => {
    const claim = claimOf("first", clock.now());
    await ingress.call(ofKey("m", "claim"), claim);
    const waiting = begin("m");
    await submitDrive("first", { ...inputOf(), token: claim.token, idempotency: { key: "m", hash: "one" } });
    assert.deepEqual(await waiting, { runId: "first", again: true });
  });
});
