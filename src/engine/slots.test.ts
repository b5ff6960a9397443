// max_concurrency as the machine sees it: what it wants, what it is told, and that it keeps nothing it cannot use.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEngineRun, type EngineRun, FAILED, statuses, UNAVAILABLE } from "../testing/engine-run.ts";
import { type WorkflowOfOptions, workflowOf } from "../testing/workflow-of.ts";

/** A run whose nodes call a service with two slots, but for those called `free…`. Its slots are the test's. */
function limited(literal: string, options: WorkflowOfOptions = {}): { run: EngineRun; since(): string[] } {
  const names = [...new Set(literal.split(/[;>,]/).map((name) => name.trim()))];
  const open = names.filter((name) => name.startsWith("free"));
  const workflow = workflowOf(literal, {
    ...options,
    services: { one: { address: "localhost:1", maxConcurrency: 2 }, other: "localhost:2" },
    nodes: { ...Object.fromEntries(open.map((name) => [name, { service: "other" }])), ...options.nodes },
  });
  const run = createEngineRun(workflow, { ownSlots: true });
  let done = 0;
  const since = (): string[] => {
    const news = run.commands.slice(done);
    done = run.commands.length;
    return news.map((one) => ("nodeId" in one ? `${one.type} ${one.nodeId}` : one.type));
  };
  return { run, since };
}

const granted = (nodeId: string) => ({ type: "granted", nodeId }) as const;
const linedUp = (nodeId: string) => ({ type: "queued", nodeId }) as const;

describe("slots of a service", () => {
  it("are wanted one at a time, and nothing else starts before the answer", () => {
    const { run, since } = limited("a; b; free");
    assert.deepEqual(run.commands, [{ type: "want", nodeId: "a", address: "localhost:1", limit: 2 }]);
    assert.deepEqual(since(), ["want a"]);
    run.take();
    run.take(granted("nobody"), linedUp("b"));
    assert.deepEqual(since(), []);
    run.take(granted("a"));
    assert.deepEqual(since(), ["execute a", "want b"]);
    run.take(linedUp("b"));
    assert.deepEqual(since(), ["execute free"]);
    assert.deepEqual(statuses(run.state), { a: "running", b: "pending", free: "running" });
    run.take(granted("b"));
    assert.deepEqual(since(), ["execute b"]);
  });

  it("are not wanted by nodes of a service without a limit", () => {
    assert.deepEqual(limited("free1; free2").since(), ["execute free1", "execute free2"]);
  });

  it("are not wanted beyond max_parallel", () => {
    const { run, since } = limited("a; b; c", { maxParallel: 1 });
    run.take(granted("a"));
    assert.deepEqual(since(), ["want a", "execute a"]);
    run.end("a", "ok");
    assert.deepEqual(since(), ["free a", "want b"]);
  });

  it("go back when the attempt has ended, and are wanted again for the next", () => {
    const { run, since } = limited("a");
    run.take(granted("a"));
    run.end("a", UNAVAILABLE);
    assert.deepEqual(since(), ["want a", "execute a", "free a", "arm"]);
    run.wake("a");
    assert.deepEqual(since(), ["want a"]);
    run.take(granted("a"));
    assert.deepEqual(since(), ["disarm", "execute a"]);
  });

  it("stay with the attempts that are under way when the run is to end; those who wait leave the line", () => {
    for (const end of ["cancel", "stop"] as const) {
      const { run, since } = limited("a; b; c", { onFailure: "continue" });
      run.take(granted("a"));
      run.take(linedUp("b"));
      run.take(linedUp("c"));
      since();
      run[end]();
      assert.deepEqual(since(), ["abort a", "free b", "free c"]);
      run.end("a", "ok");
      assert.deepEqual(since(), ["free a"]);
    }
  });

  it("go back with the place in the queue when the node settles; a slot that is granted all the same is passed over", () => {
    const { run, since } = limited("a; b");
    run.take(granted("a"));
    run.take(linedUp("b"));
    run.end("a", FAILED);
    assert.deepEqual(statuses(run.state), { a: "failed", b: "skipped" });
    assert.ok(since().includes("free b"));
    run.take(granted("b"));
    assert.deepEqual(since(), []);
  });

  it("go back at once when the run stops before the node that holds one could start", () => {
    const { run, since } = limited("a; free1; free2", { maxParallel: 2 });
    run.take(linedUp("a"));
    run.take(granted("a"));
    since();
    assert.deepEqual(statuses(run.state), { a: "pending", free1: "running", free2: "running" });
    run.end("free1", FAILED);
    assert.deepEqual(statuses(run.state), { a: "skipped", free1: "failed", free2: "running" });
    assert.deepEqual(since(), ["free a"]);
  });

  it("are not wanted any more by a node whose total timeout ends while it is queued", () => {
    const { run, since } = limited("a", { nodes: { a: { totalTimeoutMs: 3000 } } });
    run.take(granted("a"));
    run.advance(1000);
    run.end("a", UNAVAILABLE);
    since();
    run.wake("a");
    assert.deepEqual(since(), ["want a", "arm"]);
    assert.deepEqual(run.commands.at(-1), { type: "arm", timer: { of: "node", nodeId: "a" }, ms: 2000 });
    run.take(linedUp("a"));
    run.advance(2000);
    run.wake("a");
    assert.deepEqual(since(), ["free a"]);
    assert.deepEqual(statuses(run.state), { a: "failed" });
    assert.equal(run.state.nodes.get("a")?.error?.code, "CALL_UNAVAILABLE");
  });

  it("bound no wait of a node that was never tried: no time of its own has run", () => {
    const { run, since } = limited("a", { nodes: { a: { totalTimeoutMs: 3000 } } });
    run.take(linedUp("a"));
    run.advance(10_000);
    run.take(granted("a"));
    assert.deepEqual(since(), ["want a", "execute a"]);
    const execute = run.commands.at(-1);
    assert.ok(execute?.type === "execute" && execute.timeoutMs === 3000);
  });
});
