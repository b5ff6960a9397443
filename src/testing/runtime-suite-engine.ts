import assert from "node:assert/strict";
import { it } from "node:test";
import { type FakeExecutor, untilAborted } from "./fake-executor.ts";
import { checkRules, type RuntimeEngine, refused, type SetUp, start } from "./runtime-harness.ts";
import { until } from "./until.ts";
import { workflowOf } from "./workflow-of.ts";

/** What a runtime promises whose runs an engine keeps going. */
export function describeEngine(setUp: SetUp): void {
  /** A run of `a > b` whose first attempt does not end by itself, and another runtime beside it. */
  async function setUpHeld(runId: string, onLost: "retry" | "fail" = "retry") {
    const one = await setUp((_, signal) => untilAborted(signal));
    const workflow = workflowOf("a > b", { onLost });
    await start(one.runtime, workflow, runId);
    await untilAttempted(one.executor);
    return { ...one, workflow, other: await one.open(), engine: requireEngine(one.engine) };
  }

  it("refuses max_concurrency, which an engine beside the process would not keep to (R1)", async () => {
    const { runtime } = await setUp();
    const services = { one: { address: "localhost:1", maxConcurrency: 2 } };
    await refused("CLUSTER_NO_LIMITS", () => start(runtime, workflowOf("a", { services }), "limited"));
    assert.deepEqual((await runtime.list()).runs, []);
    await start(runtime, workflowOf("a"), "limited");
    assert.equal((await runtime.wait("limited")).type, "run.succeeded");
  });

  it("goes on with a run whose attempt was killed: it is recorded as lost, and made again with its key (E4)", async () => {
    const { crash, other, workflow } = await setUpHeld("kept");
    await crash();
    assert.equal((await other.runtime.wait("kept")).type, "run.succeeded");
    assert.deepEqual(
      other.executor.attempts.map((one) => `${one.nodeId} ${one.attempt} ${one.idempotencyKey}`),
      ["a 2 kept/a/1", "b 1 kept/b/1"],
    );
    const events = await other.runtime.events("kept");
    assert.deepEqual(new Set(events.map(({ epoch }) => epoch)), new Set([1]));
    const { nodes } = await other.runtime.get("kept");
    assert.deepEqual(
      nodes[0]?.attempts.map(({ outcome }) => outcome),
      ["lost", "succeeded"],
    );
    await checkRules(other.runtime, "kept", workflow);
  });

  it("fails a node that must never run twice when its attempt was killed (E4, on_lost: fail)", async () => {
    const { crash, other, workflow } = await setUpHeld("once", "fail");
    await crash();
    const end = await other.runtime.wait("once");
    assert.ok(end.type === "run.failed");
    assert.match(end.error?.message ?? "", /NODE_LOST/);
    assert.deepEqual(other.executor.attempts, []);
    await checkRules(other.runtime, "once", workflow);
  });

  it("answers what is asked of a run whose attempt was killed (R3)", async () => {
    const { crash, other } = await setUpHeld("asked");
    const ask = (kind: "pause" | "unpause" | "cancel") =>
      other.runtime.request({ runId: "asked", kind, key: kind, by: "somebody" });
    assert.equal((await ask("pause")).kind, "applied");
    await crash();
    for await (const event of other.runtime.watch("asked")) if (event.type === "node.attempt_failed") break;
    const { paused, owner } = await other.runtime.get("asked");
    assert.deepEqual([paused, owner?.alive], [true, true]);
    assert.equal((await ask("cancel")).kind, "applied");
    assert.equal((await other.runtime.wait("asked")).type, "run.cancelled");
    assert.deepEqual(other.executor.attempts, []);
  });

  it("cancels a run that the engine is told to end (R3)", async () => {
    const { runtime, executor, engine, workflow } = await setUpHeld("told");
    await engine.end("told", "cancel");
    assert.equal((await runtime.wait("told")).type, "run.cancelled");
    assert.equal(executor.outstanding, 0);
    await checkRules(runtime, "told", workflow);
  });

  it("leaves its runs going when it closes, and its calls ended", async () => {
    const { close, executor, other } = await setUpHeld("open");
    await close();
    assert.equal(executor.outstanding, 0);
    assert.equal((await other.runtime.wait("open")).type, "run.succeeded");
  });
}

function requireEngine(engine: RuntimeEngine | undefined): RuntimeEngine {
  assert.ok(engine, "the harness has an engine");
  return engine;
}

/** What is asked of it after a start has its own time. */
async function untilAttempted(executor: Pick<FakeExecutor, "attempts">): Promise<void> {
  await until(() => executor.attempts.length !== 0);
}
