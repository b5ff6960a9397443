// A run that has to be admitted, as its machine sees it: what it asks, what it is told, and that it starts nothing before.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createEngineRun, type EngineRun, type EngineRunOptions, FAILED, statuses } from "../testing/engine-run.ts";
import { type WorkflowOfOptions, workflowOf } from "../testing/workflow-of.ts";
import type { Input } from "./inputs.ts";
import { lookInside } from "./inside.ts";
import { checkHistory } from "./rules.ts";

const ADMITTED: Input = { type: "admitted" };
const ABLE = { grpc: { recover: true, sweep: true, release: false } };
const CANCELLED = { outcome: "cancelled", error: { code: "NODE_CANCELLED", message: "cancelled" } } as const;

/** A run that waits, and what it does from call to call: its events and commands, one word each. */
function queued(literal: string, options: EngineRunOptions & { readonly workflow?: WorkflowOfOptions } = {}) {
  const run = createEngineRun(workflowOf(literal, options.workflow), { queues: true, ...options });
  let [events, commands] = [0, 0];
  const since = (): readonly string[] => {
    const told = run.events
      .slice(events)
      .map((event) => ("node_id" in event ? `${event.type} ${event.node_id}` : event.type));
    const done = run.commands.slice(commands).map(({ type }) => type);
    [events, commands] = [run.events.length, run.commands.length];
    return [...told, ...done];
  };
  return { run, since };
}

function checkRules({ events, state }: EngineRun): void {
  assert.deepEqual(
    checkHistory(events, () => state.workflow),
    [],
  );
}

describe("a run that has to be admitted", () => {
  it("is created and asks; nothing of it starts before it is admitted, preflight neither", () => {
    const { run, since } = queued("a > b", { preflight: true, workflow: { totalTimeoutMs: 5000 } });
    assert.deepEqual(since(), ["run.created", "enqueue"]);
    run.take();
    assert.deepEqual(since(), []);
    assert.equal(run.state.status, "pending");
    run.take(ADMITTED);
    assert.deepEqual(since(), ["arm", "check"]);
    run.take({ type: "checked", findings: [] });
    assert.deepEqual(since(), ["run.started", "node.started a", "execute"]);
    run.take(ADMITTED);
    assert.deepEqual(since(), []);
    checkRules(run);
  });

  it("counts its time from then on, also that of a rerun; one that never goes on from its beginning", () => {
    const { run } = queued("a");
    run.advance(60_000);
    run.take(ADMITTED);
    run.advance(5);
    run.end("a", "ok");
    assert.equal(run.state.durationMs, 5);
    const other = queued("a").run;
    other.advance(60_000);
    other.cancel();
    assert.equal(other.state.durationMs, 60_000);
  });

  it("asks for nothing where there is no queue, or where it is taken over for an answer", () => {
    const open = createEngineRun(workflowOf("a"));
    assert.ok(!open.commands.some(({ type }) => type === "enqueue"));
    const { run, since } = queued("a");
    since();
    const request = { id: 7, kind: "cancel", by: "test" } as const;
    run.begin({ kind: "taken_over", requests: [request], lastRequestId: 7 });
    assert.deepEqual(since(), ["run.cancel_requested", "node.skipped a", "run.cancelled"]);
    const left = queued("a");
    left.since();
    left.run.begin({ kind: "taken_over", requests: [{ ...request, kind: "pause" }], lastRequestId: 7 });
    assert.deepEqual(left.since(), ["run.paused", "let_go"]);
  });

  it("counts its time where it is taken over to be ended, as one that waits for no turn", () => {
    const { run, since } = queued("a > b", { abilities: ABLE, workflow: { totalTimeoutMs: 5000 } });
    run.take(ADMITTED);
    since();
    run.begin({ kind: "taken_over", requests: [{ id: 7, kind: "cancel", by: "test" }], lastRequestId: 7 });
    assert.deepEqual(since(), ["run.cancel_requested", "node.skipped b", "arm", "sweep"]);
  });

  it("can be cancelled, and has ended then without having started", () => {
    const { run, since } = queued("a > b");
    since();
    run.cancel();
    const events = ["run.cancel_requested", "node.skipped a", "node.skipped b", "run.cancelled"];
    assert.deepEqual(since(), [...events, "dequeue"]);
    checkRules(run);
  });

  it("does not wait in the queue while it is paused, whatever comes together", () => {
    const { run, since } = queued("a");
    since();
    run.pause();
    assert.deepEqual(since(), ["run.paused", "dequeue"]);
    run.take(ADMITTED);
    assert.deepEqual(since(), []);
    run.unpause();
    assert.deepEqual(since(), ["run.unpaused", "enqueue"]);
    const asked = (id: number, kind: string): Input => ({ type: "asked", request: { id, kind, by: "test" } });
    run.take(ADMITTED, asked(10, "pause"));
    assert.deepEqual(since(), ["run.paused", "dequeue"]);
    run.take(asked(11, "unpause"));
    assert.deepEqual(since(), ["run.unpaused", "enqueue"]);
    run.take(asked(12, "pause"), ADMITTED, asked(13, "unpause"));
    assert.deepEqual(since(), ["run.paused", "run.unpaused", "run.started", "node.started a", "execute"]);
    checkRules(run);
  });

  it("keeps its place while it is paused once it has gone on", () => {
    const { run, since } = queued("a > b");
    run.take(ADMITTED);
    since();
    run.pause();
    run.end("a", "ok");
    assert.deepEqual(since(), ["run.paused", "node.succeeded a"]);
    run.unpause();
    assert.deepEqual(since(), ["run.unpaused", "node.started b", "execute"]);
  });

  it("takes over what an earlier owner left before it is admitted, and starts nothing over it", () => {
    const { run, since } = queued("a > b; c > d", { abilities: ABLE });
    run.take(ADMITTED);
    since();
    run.resume();
    assert.deepEqual(since(), ["run.resumed", "sweep", "enqueue"]);
    run.take({ type: "swept" });
    assert.deepEqual(since(), ["recover", "recover"]);
    run.end("a", "ok");
    run.end("c", "lost");
    assert.deepEqual(since(), ["node.succeeded a", "node.attempt_failed c"]);
    run.take(ADMITTED);
    assert.deepEqual(since(), ["node.started b", "node.started c", "execute", "disarm", "execute"]);
    checkRules(run);
  });

  it("waits for the sweep also where it is admitted before", () => {
    const { run, since } = queued("a > b", { abilities: ABLE });
    run.take(ADMITTED);
    run.end("a", "ok");
    since();
    run.resume();
    run.take(ADMITTED);
    assert.deepEqual(since(), ["run.resumed", "sweep", "enqueue"]);
    run.take({ type: "swept" });
    assert.deepEqual(since().slice(0, 1), ["recover"]);
    const checked = queued("a", { abilities: ABLE, preflight: true });
    checked.run.take(ADMITTED);
    checked.run.resume();
    checked.since();
    checked.run.take(ADMITTED);
    assert.deepEqual(checked.since(), []);
    checked.run.take({ type: "swept" });
    assert.deepEqual(checked.since(), ["check"]);
  });

  it("ends before it is admitted where what was left settles it", () => {
    const { run, since } = queued("a > b", { abilities: ABLE });
    run.take(ADMITTED);
    run.resume();
    run.take({ type: "swept" });
    since();
    run.end("a", FAILED);
    assert.deepEqual(since(), ["node.attempt_failed a", "node.failed a", "node.skipped b", "run.failed"]);
    assert.deepEqual(statuses(run.state), { a: "failed", b: "skipped" });
  });

  it("is cancelled while it waits with what was left of it: that is ended", () => {
    const { run, since } = queued("a > b", { abilities: ABLE });
    run.take(ADMITTED);
    run.resume();
    run.take({ type: "swept" });
    since();
    run.cancel();
    assert.deepEqual(since(), ["run.cancel_requested", "node.skipped b", "abort", "dequeue"]);
    run.end("a", CANCELLED);
    assert.deepEqual(since(), ["node.attempt_failed a", "node.cancelled a", "run.cancelled"]);
    checkRules(run);
  });

  it("needs no turn where it is taken up to be ended", () => {
    const { run, since } = queued("a > b", { abilities: ABLE });
    run.take(ADMITTED);
    run.cancel();
    since();
    run.begin({ kind: "resumed", by: "test", recovery: true, requests: [], lastRequestId: 9 });
    assert.deepEqual(since(), ["run.resumed", "sweep"]);
    run.take({ type: "swept" });
    assert.deepEqual(since(), ["recover", "abort"]);
    run.end("a", CANCELLED);
    assert.deepEqual(since(), ["node.attempt_failed a", "node.cancelled a", "run.cancelled"]);
    const late = queued("a > b", { abilities: ABLE, preflight: true, workflow: { totalTimeoutMs: 1000 } });
    late.run.take(ADMITTED);
    late.run.take({ type: "checked", findings: [] });
    late.run.stop();
    late.since();
    late.run.begin({ kind: "resumed", by: "test", recovery: true, requests: [], lastRequestId: 9 });
    late.run.take({ type: "swept" });
    assert.deepEqual(late.since(), ["run.resumed", "sweep", "recover", "abort"]);
  });

  it("stays out of the queue where it is taken up by nobody's wish and is paused", () => {
    const { run, since } = queued("a > b");
    run.take(ADMITTED);
    run.pause();
    run.end("a", "ok");
    since();
    run.begin({ kind: "resumed", by: "test", recovery: true, requests: [], lastRequestId: 9 });
    assert.deepEqual(since(), ["run.resumed"]);
    run.take({ type: "asked", request: { id: 10, kind: "unpause", by: "test" } });
    assert.deepEqual(since(), ["run.unpaused", "enqueue"]);
  });

  it("gives way to a newer one, once, whether it waits or goes on", () => {
    const waiting = queued("a");
    waiting.since();
    waiting.run.take({ type: "displaced", by: "run-2" });
    assert.deepEqual(waiting.since(), ["run.cancel_requested", "node.skipped a", "run.cancelled", "dequeue"]);
    assert.deepEqual(waiting.run.state.cancel, {
      by: "concurrency",
      reason: "run run-2 came after it (when_full: cancel_oldest)",
    });
    const { run, since } = queued("a > b");
    run.take(ADMITTED);
    since();
    run.take({ type: "displaced", by: "run-2" });
    assert.deepEqual(since(), ["run.cancel_requested", "node.skipped b", "abort"]);
    run.take({ type: "displaced", by: "run-3" });
    assert.deepEqual(since(), []);
    run.end("a", CANCELLED);
    checkRules(run);
    const done = queued("a").run;
    done.take(ADMITTED);
    done.end("a", "ok");
    const { length } = done.events;
    done.take({ type: "displaced", by: "run-2" });
    assert.equal(done.events.length, length);
  });

  it("is let go at once where its owner is about to go", () => {
    const { run, since } = queued("a");
    since();
    run.take({ type: "draining" });
    assert.deepEqual(since(), ["dequeue", "let_go"]);
    run.take(ADMITTED, { type: "displaced", by: "run-2" });
    assert.deepEqual(since(), []);
    assert.equal(run.state.status, "pending");
  });

  it("is said to wait only while it does", () => {
    const wait = { ahead: 2, limit: "server", max_runs: 3 } as const;
    const { run } = queued("a");
    assert.deepEqual(lookInside(run.machine, run.state.lastSeq, wait)?.queue, wait);
    assert.ok(!("queue" in (lookInside(run.machine, run.state.lastSeq) ?? assert.fail())));
    run.take(ADMITTED);
    assert.equal(lookInside(run.machine, run.state.lastSeq, wait)?.queue, undefined);
  });

  it("starts nothing that it was not admitted for, in whatever order pauses, answers and ends come", () => {
    const kinds = ["admitted", "pause", "unpause", "cancel", "displaced", "draining", "swept"] as const;
    const batches = fc.array(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 }), { maxLength: 12 });
    fc.assert(
      fc.property(batches, fc.boolean(), (all, resumes) => {
        const run = createEngineRun(workflowOf("a; b"), { queues: true, abilities: ABLE });
        if (resumes) run.resume();
        // What a queue would hold of it, told by its commands.
        let place = "waiting" as "none" | "waiting" | "on";
        let id = 0;
        for (const batch of all) {
          const inputs = batch.flatMap((kind): Input[] => {
            id += 1;
            if (kind === "displaced") return [{ type: kind, by: "run-2" }];
            if (kind === "draining" || kind === "swept") return [{ type: kind }];
            if (kind !== "admitted") return [{ type: "asked", request: { id, kind, by: "test" } }];
            if (place !== "waiting") return [];
            place = "on";
            return [ADMITTED];
          });
          const [events, commands] = [run.events.length, run.commands.length];
          run.take(...inputs);
          for (const { type } of run.commands.slice(commands)) {
            if (type === "dequeue") {
              assert.notEqual(place, "none", "it gives back what it has not");
              place = "none";
            } else if (type === "enqueue") {
              assert.equal(place, "none", "it asks twice");
              place = "waiting";
            }
          }
          const starts = run.events.slice(events).some(({ type }) => type === "node.started" || type === "run.started");
          assert.ok(!starts || place === "on", "it starts and has no place");
          const { phase } = run.machine;
          const mayWait = phase.name === "queued" && run.state.paused === undefined;
          assert.equal(mayWait && place === "none", false, "it waits for ever");
          assert.ok(!(phase.name === "queued" && place === "on"), "its turn has come and it does not go on");
        }
        checkRules(run);
      }),
    );
  });
});
