// What other people's code does to a driver: observers that throw, executors that answer nonsense or do not listen,
// journals that cannot be read at the wrong moment.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import type { RunEvent } from "../../engine/events.ts";
import type { Outcome } from "../../engine/outcome.ts";
import type { Executor } from "../../ports/executor.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { createFaultyJournal } from "../../testing/faulty-journal.ts";
import { createRig, resume, start, typesOf } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";

const cancel = (runId: string, key = "k") => ({ kind: "cancel", runId, key, by: "test" }) as const;
const NEVER = new Promise<never>(() => undefined);

describe("an observer", () => {
  it("that throws or rejects is heard of, and costs neither the run nor the others their events", async () => {
    const troubles: unknown[] = [];
    const told: RunEvent[] = [];
    const rig = createRig(createFakeExecutor(), {
      observers: [
        () => {
          throw new Error("thrown");
        },
        async () => Promise.reject(new Error("rejected")),
        (events) => void told.push(...events),
      ],
      onTrouble: (trouble) => troubles.push((trouble as Error).message),
    });
    const run = await start(rig, workflowOf("a"));
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
    assert.deepEqual(told, await rig.runtime.events(run.runId));
    assert.deepEqual(troubles.toSorted(), ["rejected", "rejected", "thrown", "thrown"]);
  });

  it("is told only of what is durable", async () => {
    const { faults, wrap } = createFaultyJournal();
    const told: RunEvent[] = [];
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(
      createFakeExecutor(() => gate.promise),
      {
        wrap,
        observers: [(events) => void told.push(...events)],
      },
    );
    const run = await start(rig, workflowOf("a"));
    const held = createGate<void>();
    faults.hold = held.promise;
    gate.open(SUCCEEDED);
    await rig.step(1000);
    assert.deepEqual(typesOf(told), ["run.created", "run.started", "node.started a"]);
    held.open();
    await rig.until(run.ended);
    assert.deepEqual(typesOf(told).slice(3), ["node.succeeded a", "run.succeeded"]);
  });
});

describe("an executor that answers what is no outcome", () => {
  const nonsense: readonly (readonly [title: string, value: unknown, problem: RegExp])[] = [
    ["nothing", undefined, /answered with undefined instead of an outcome/],
    ["a word", "succeeded", /answered with "succeeded" instead of an outcome/],
    ["a list", [SUCCEEDED], /answered with an object instead of an outcome/],
    ["an outcome that there is not", { outcome: "lost", error: { code: "X", message: "" } }, /the outcome "lost"/],
    ["success with what is no JSON", { outcome: "succeeded", output: () => 1 }, /an output that is no JSON/],
    ["success without an output", { outcome: "succeeded" }, /an output that is no JSON/],
    ["failure without an error", { outcome: "failed" }, /without an error/],
    ["failure without a code", { outcome: "failed", error: { message: "x" } }, /an error without a code/],
    ["failure without a message", { outcome: "failed", error: { code: "X" } }, /an error without a message/],
    [
      "a status that is no text",
      { outcome: "failed", error: { code: "X", message: "", status: 4 } },
      /status is no text/,
    ],
    [
      "details that are no JSON",
      { outcome: "failed", error: { code: "X", message: "", details: { at: 1n } } },
      /details are no JSON/,
    ],
    [
      "a pushback that is no time",
      { outcome: "failed", error: { code: "X", message: "" }, pushback: "soon" },
      /pushback "soon"/,
    ],
  ];
  for (const [title, value, problem] of nonsense) {
    it(`fails the attempt over ${title}, and the run goes on`, async () => {
      const rig = createRig(
        createFakeExecutor(({ nodeId, attempt }) => (nodeId === "a" && attempt === 1 ? (value as Outcome) : SUCCEEDED)),
      );
      const run = await start(rig, workflowOf("a; b", { onFailure: "continue" }));
      assert.equal((await rig.until(run.ended)).type, "run.failed");
      const { nodes } = await rig.runtime.get(run.runId);
      assert.deepEqual(
        nodes.map(({ status, error }) => [status, error?.code]),
        [
          ["failed", "INTERNAL"],
          ["succeeded", undefined],
        ],
      );
      assert.match(nodes[0]?.error?.message ?? "", problem);
    });
  }

  for (const [title, recovery] of [
    ["no recovery", { found: "somewhere" }],
    ["nothing", undefined],
    ["an outcome that is none", { found: "outcome", outcome: Promise.resolve("ok") }],
  ] as const) {
    it(`fails an attempt of an earlier owner over ${title}`, async () => {
      const store = createMemoryStore();
      const first = createRig(
        createFakeExecutor((_, signal) => untilAborted(signal)),
        { store },
      );
      const { runId } = await start(first, workflowOf("a"));
      first.journal.abandon();
      await first.runtime.close();
      const fake = createFakeExecutor();
      const executor: Executor = { execute: fake.execute, recover: async () => recovery as never };
      const second = createRig(executor, { store });
      const resumed = await resume(second, runId);
      assert.equal((await second.until(resumed.ended)).type, "run.failed");
      assert.equal((await second.runtime.get(runId)).nodes[0]?.error?.code, "INTERNAL");
      assert.equal(fake.attempts.length, 0);
    });
  }
});

describe("an executor that does not listen", () => {
  it("to an abort leaves the run after twice the time it may take (X3), and close does not hang", async () => {
    const rig = createRig(createFakeExecutor(() => NEVER));
    const run = await start(rig, workflowOf("a"));
    const asked = rig.runtime.request({ ...cancel(run.runId), until: "recorded" });
    await rig.until(asked);
    let isLeft = false;
    run.ended.catch(() => {
      isLeft = true;
    });
    await rig.step(9_000);
    assert.equal(isLeft, false);
    await assert.rejects(rig.until(run.ended), { code: "INTERNAL", message: /did not end attempt 1 of a within 10 s/ });
    assert.equal((await rig.runtime.get(run.runId)).status, "running", "nothing is recorded that nobody knows");
    await rig.until(rig.runtime.close());
  });

  it("to the leaving of its run does not hold up close for ever", async () => {
    const rig = createRig(createFakeExecutor(() => NEVER));
    const run = await start(rig, workflowOf("a"));
    await rig.until(rig.runtime.close());
    await assert.rejects(rig.until(run.ended), { code: "RUN_LEFT" });
    assert.equal(rig.clock.pending(), 0);
  });

  it("in its sweep does not either", async () => {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    const { runId } = await start(first, workflowOf("a"));
    first.journal.abandon();
    await first.runtime.close();
    const second = createRig({ ...createFakeExecutor(), sweep: () => NEVER }, { store });
    const resumed = await resume(second, runId);
    await second.step();
    await second.until(second.runtime.close());
    await assert.rejects(second.until(resumed.ended), { code: "RUN_LEFT" });
  });

  it("but ends in time is not complained of", async () => {
    const slow = createGate<Outcome>();
    const rig = createRig(createFakeExecutor((_, signal) => untilAborted(signal).then(() => slow.promise)));
    const run = await start(rig, workflowOf("a"));
    await rig.until(rig.runtime.request({ ...cancel(run.runId), until: "recorded" }));
    await rig.step(9_000);
    slow.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
    await rig.step(60_000);
    assert.equal(rig.clock.pending(), 0);
  });

  it("to what a sweep is for: one that rejects leaves the run, and says so", async () => {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    const { runId } = await start(first, workflowOf("a"));
    first.journal.abandon();
    await first.runtime.close();
    const executor = createFakeExecutor();
    const sweep = async (): Promise<void> => Promise.reject(new Error("no engine"));
    const second = createRig({ execute: executor.execute, sweep }, { store });
    const resumed = await resume(second, runId);
    await assert.rejects(second.until(resumed.ended), { code: "INTERNAL", message: /could not be ended: no engine/ });
    assert.equal(executor.attempts.length, 0);
  });
});

describe("a driver that is told to leave while it appends", () => {
  it("does nothing of what it had decided, and records nothing more", async () => {
    const { faults, wrap } = createFaultyJournal();
    const gate = createGate<typeof SUCCEEDED>();
    const executor = createFakeExecutor(({ nodeId }) => (nodeId === "a" ? gate.promise : SUCCEEDED));
    const rig = createRig(executor, { wrap });
    const run = await start(rig, workflowOf("a > b > c"));
    const held = createGate<void>();
    faults.hold = held.promise;
    gate.open(SUCCEEDED);
    await rig.step();
    const closing = rig.runtime.close();
    await rig.step();
    held.open();
    await rig.until(closing);
    await assert.rejects(rig.until(run.ended), { code: "RUN_LEFT" });
    await rig.step(1000);
    assert.deepEqual(
      executor.attempts.map(({ nodeId }) => nodeId),
      ["a"],
    );
    const durable = typesOf(await rig.runtime.events(run.runId));
    assert.deepEqual(durable.slice(3), ["node.succeeded a", "node.started b"]);
  });
});

describe("a look for requests", () => {
  it("that failed is made again, though nothing was written since", async () => {
    const store = createMemoryStore();
    const { faults, wrap } = createFaultyJournal();
    const rig = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store, wrap },
    );
    const run = await start(rig, workflowOf("a"));
    const asker = openMemoryJournal(store);
    await asker.addRequest({ ...cancel(run.runId), at: "2025-01-01T00:00:00.000Z" });
    faults.isBlind = true;
    await rig.step(200);
    faults.isBlind = false;
    assert.equal((await asker.readRequests(run.runId))[0]?.answer, undefined);
    await rig.step(200);
    assert.equal((await rig.until(run.ended)).type, "run.cancelled");
  });

  it("is not made while nothing has changed", async () => {
    let looks = 0;
    const store = createMemoryStore();
    const rig = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      {
        store,
        wrap: (journal) => ({
          ...journal,
          readUnanswered() {
            looks += 1;
            return journal.readUnanswered();
          },
        }),
      },
    );
    const run = await start(rig, workflowOf("a"));
    for (let turn = 0; turn < 5; turn += 1) await rig.step(200);
    assert.equal(looks, 1);
    await openMemoryJournal(store).addRequest({ ...cancel(run.runId), at: "2025-01-01T00:00:00.000Z" });
    await rig.step(200);
    assert.equal(looks, 2);
    await rig.until(run.ended);
    await rig.step(1000);
    assert.equal(rig.clock.pending(), 0);
  });
});
