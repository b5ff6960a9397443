// A journal that takes nothing for a while, or that takes what it does not acknowledge: no attempt is lost over it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore, type MemoryStore } from "../../adapters/journal-memory/store.ts";
import type { RunEvent } from "../../engine/events.ts";
import { checkHistory } from "../../engine/rules.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Journal } from "../../ports/journal.ts";
import type { NewRequest } from "../../ports/requests.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { createFaultyJournal } from "../../testing/faulty-journal.ts";
import { createRig, type Rig, type RigOptions, resume, start, typesOf, withEnd } from "../../testing/runtime-rig.ts";
import { until } from "../../testing/until.ts";
import { workflowOf } from "../../testing/workflow-of.ts";

const AT = "2025-01-01T00:00:00.000Z";
const WORKFLOW = workflowOf("a > b; c");

/** A run of `a > b; c` whose calls end as the test says, over a journal that does as the test says. */
async function underWay(options: RigOptions = {}) {
  const gates = {
    a: createGate<typeof SUCCEEDED>(),
    b: createGate<typeof SUCCEEDED>(),
    c: createGate<typeof SUCCEEDED>(),
  };
  const executor = createFakeExecutor(({ nodeId }, signal) =>
    Promise.race([gates[nodeId as "a" | "b" | "c"].promise, untilAborted(signal)]),
  );
  const { faults, wrap } = createFaultyJournal();
  const troubles: unknown[] = [];
  const store = createMemoryStore();
  const rig = createRig(executor, { store, wrap, onTrouble: (trouble) => troubles.push(trouble), ...options });
  const run = await start(rig, WORKFLOW);
  return { gates, executor, faults, troubles, store, rig, run, runId: run.runId };
}

async function rightHistory({ runtime }: Rig, runId: string): Promise<readonly RunEvent[]> {
  const events = await runtime.events(runId);
  assert.deepEqual(
    checkHistory(events, () => WORKFLOW),
    [],
  );
  return events;
}

/** As an operator does whose process has not this run. */
const askFrom = (store: MemoryStore, runId: string, kind = "cancel", key = "k") =>
  openMemoryJournal(store).addRequest({ runId, kind, key, by: "elsewhere", at: AT } as NewRequest);

/** Lets as much time pass as every wait for a stalled journal takes, a look for requests included. */
const settle = async ({ step }: Rig): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await step(5000);
};

describe("a journal that takes nothing for a while", () => {
  for (const code of [
    "JOURNAL_FULL",
    "JOURNAL_BUSY",
    "JOURNAL_UNWRITABLE",
    "JOURNAL_UNREADABLE",
    "JOURNAL_FAILED",
  ] as const) {
    it(`stalls the run over ${code}: calls go on, and what is to be recorded is tried again until it is taken`, async () => {
      const { gates, executor, faults, troubles, rig, run, runId } = await underWay();
      faults.refuse = code;
      gates.a.open(SUCCEEDED);
      await rig.step();
      const since = new Date(rig.clock.now()).toISOString();
      await rig.step(1000);
      const { owner, status } = await rig.runtime.get(runId);
      assert.deepEqual([status, owner?.alive], ["running", true]);
      assert.deepEqual([owner?.stalled?.since, owner?.stalled?.error.code], [since, code]);
      const [listed] = (await rig.runtime.list()).runs;
      assert.deepEqual(listed?.owner?.stalled, owner?.stalled);
      assert.deepEqual(
        executor.attempts.map(({ nodeId }) => nodeId),
        ["a", "c"],
        "b waits for the outcome of a (E8)",
      );
      assert.equal(executor.outstanding, 1, "c goes on");
      gates.c.open(SUCCEEDED);
      await rig.step(10_000);
      assert.deepEqual(
        troubles.map((trouble) => (trouble as BusbarError).code),
        [code],
        "told once, however often it is tried",
      );
      faults.refuse = undefined;
      await rig.step(5000);
      assert.equal((await rig.runtime.get(runId)).owner?.stalled, undefined);
      gates.b.open(SUCCEEDED);
      assert.equal((await rig.until(run.ended)).type, "run.succeeded");
      const events = await rightHistory(rig, runId);
      assert.deepEqual(
        executor.attempts.map(({ nodeId, attempt }) => `${nodeId}#${attempt}`),
        ["a#1", "c#1", "b#1"],
      );
      assert.ok(!events.some(({ type }) => type === "node.attempt_failed"));
    });
  }

  it("is tried at once, then after 0.1 s, twice as long each time, and every 5 s in the end", async () => {
    const { gates, faults, rig, run } = await underWay();
    faults.refuse = "JOURNAL_FULL";
    gates.a.open(SUCCEEDED);
    await rig.step();
    assert.equal(faults.writes, 2);
    let writes = faults.writes;
    for (const waitMs of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      await rig.step(waitMs - 1);
      assert.equal(faults.writes, writes, `${waitMs} ms are not over`);
      await rig.step(1);
      writes += 1;
      assert.equal(faults.writes, writes, `${waitMs} ms are over`);
    }
    faults.refuse = undefined;
    await rig.step(5000);
    for (const gate of [gates.b, gates.c]) gate.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });

  it("stalls again, and says so again, when it fills up again", async () => {
    const { gates, faults, troubles, rig, run } = await underWay();
    for (const gate of [gates.a, gates.b]) {
      faults.refuse = "JOURNAL_FULL";
      gate.open(SUCCEEDED);
      await rig.step(1000);
      faults.refuse = undefined;
      await rig.step(5000);
    }
    assert.equal(troubles.length, 2);
    gates.c.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });

  it("makes whoever asks something of the run wait, and answers when there is room", async () => {
    const { executor, gates, faults, rig, run, runId } = await underWay();
    faults.refuse = "JOURNAL_FULL";
    gates.a.open(SUCCEEDED);
    await rig.step();
    const asked = rig.runtime.request({ kind: "cancel", runId, key: "k", by: "test" });
    await rig.step(3000);
    assert.equal(executor.outstanding, 1, "nothing is aborted before the cancel is durable");
    faults.refuse = undefined;
    await settle(rig);
    assert.equal((await rig.until(run.ended)).type, "run.cancelled");
    await rig.step(100);
    assert.equal((await rig.until(asked)).kind, "applied");
    assert.equal(executor.outstanding, 0);
    await rightHistory(rig, runId);
  });

  it("does not hold up close, which leaves the run to another", async () => {
    const { executor, gates, faults, store, rig, run, runId } = await underWay();
    faults.refuse = "JOURNAL_FULL";
    gates.a.open(SUCCEEDED);
    await rig.step(1000);
    await rig.runtime.close();
    await rig.step();
    assert.equal(rig.clock.pending(), 0, "it does not wait for the next try");
    await assert.rejects(rig.until(run.ended), { code: "RUN_LEFT" });
    assert.equal(executor.outstanding, 0);
    faults.refuse = undefined;
    await rig.step(60_000);
    rig.journal.abandon();
    const next = createRig(createFakeExecutor(), { store });
    const resumed = await resume(next, runId);
    assert.equal((await next.until(resumed.ended)).type, "run.succeeded");
    await rightHistory(next, runId);
  });

  it("refuses starts, of which nothing is kept here", async () => {
    const { faults, wrap } = createFaultyJournal();
    const rig = createRig(createFakeExecutor(), { wrap });
    faults.refuse = "JOURNAL_FULL";
    for (const runId of ["r1", "r2"]) {
      await assert.rejects(rig.runtime.start({ definition: WORKFLOW.definition, runId }), { code: "JOURNAL_FULL" });
      await assert.rejects(rig.until(rig.runtime.wait(runId)), { code: "RUN_NOT_FOUND" });
    }
    await rig.step(1000);
    assert.equal(rig.clock.pending(), 0, "nobody looks for requests to runs that are not there");
    faults.refuse = undefined;
    const run = await start(rig, workflowOf("a"));
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });

  it("ends the run here at once where it refuses for good", async () => {
    const { executor, gates, faults, rig, run } = await underWay();
    faults.refuse = "JOURNAL_DAMAGED";
    gates.a.open(SUCCEEDED);
    await assert.rejects(rig.until(run.ended), { code: "JOURNAL_DAMAGED" });
    assert.equal(executor.outstanding, 0);
    assert.equal(rig.clock.pending(), 1, "but for the look for requests");
  });

  it("ends the run here when another has taken it meanwhile", async () => {
    const { executor, gates, faults, store, rig, run, runId } = await underWay();
    faults.refuse = "JOURNAL_FULL";
    gates.a.open(SUCCEEDED);
    await rig.step(1000);
    // What the operating system says of a process whose lock is gone.
    const owner = store.owners.get(rig.journal.ownerId);
    assert.ok(owner !== undefined);
    store.owners.set(rig.journal.ownerId, { ...owner, alive: false });
    const next = createRig(createFakeExecutor(), { store });
    const resumed = await resume(next, runId);
    assert.equal((await next.until(resumed.ended)).type, "run.succeeded");
    faults.refuse = undefined;
    await rig.step(5000);
    await assert.rejects(rig.until(run.ended), { code: "JOURNAL_FENCED" });
    assert.equal(executor.outstanding, 0);
    await rightHistory(next, runId);
  });
});

describe("a journal that takes nothing, where nobody wants to wait for it", () => {
  async function leftOver() {
    const left = await underWay({ onStall: "reject" });
    left.faults.refuse = "JOURNAL_FULL";
    left.gates.a.open(SUCCEEDED);
    await assert.rejects(left.rig.until(left.run.ended), { code: "JOURNAL_FULL" });
    assert.equal(left.executor.outstanding, 0, "the calls are aborted");
    left.faults.refuse = undefined;
    return left;
  }

  it("leaves the run, which this process may resume", async () => {
    const { gates, rig, runId } = await leftOver();
    await assert.rejects(rig.runtime.wait(runId), { code: "JOURNAL_FULL" });
    const resumed = await resume(rig, runId);
    assert.equal(resumed.from, "interrupted");
    for (const gate of [gates.b, gates.c]) gate.open(SUCCEEDED);
    assert.equal((await rig.until(resumed.ended)).type, "run.succeeded");
    await rightHistory(rig, runId);
  });

  it("leaves the run, which this process may cancel", async () => {
    const { rig, runId } = await leftOver();
    const answer = await rig.until(rig.runtime.request({ kind: "cancel", runId, key: "k", by: "test" }));
    assert.equal(answer.kind, "applied");
    assert.equal((await rig.until(rig.runtime.wait(runId))).type, "run.cancelled");
    await rightHistory(rig, runId);
  });

  it("leaves the run, and refuses for it what only a later version can ask, without taking it up", async () => {
    const { store, rig, runId } = await leftOver();
    await askFrom(store, runId, "approve");
    await rig.step(200);
    const [request] = await rig.journal.readRequests(runId);
    assert.ok(request?.answer?.kind === "refused");
    assert.equal(request.answer.error.code, "REQUEST_UNKNOWN");
    assert.equal((await rig.runtime.get(runId)).status, "running");
    await assert.rejects(rig.runtime.wait(runId), { code: "JOURNAL_FULL" });
  });

  it("leaves the run, which another may ask to end: who owns it takes it up for that", async () => {
    const { store, rig, runId } = await leftOver();
    const request = await askFrom(store, runId);
    await rig.step(200);
    const [answered] = await rig.journal.readRequests(runId);
    assert.deepEqual([answered?.id, answered?.answer?.kind], [request.id, "applied"]);
    assert.equal((await rig.runtime.get(runId)).status, "cancelled");
    await rightHistory(rig, runId);
  });

  it("leaves the run, which another may resume once this process has ended", async () => {
    const { store, rig, runId } = await leftOver();
    const next = createRig(createFakeExecutor(), { store });
    await assert.rejects(resume(next, runId), { code: "RUN_OWNED" });
    await rig.runtime.close();
    rig.journal.abandon();
    assert.equal((await next.until((await resume(next, runId)).ended)).type, "run.succeeded");
    await rightHistory(next, runId);
  });

  it("gives back the slots that the run held and those it was queued for", async () => {
    const limited = workflowOf("a; b; c", { services: { one: { address: "localhost:1", maxConcurrency: 2 } } });
    const [ends, goesOn] = [createGate<typeof SUCCEEDED>(), createGate<typeof SUCCEEDED>()];
    const executor = createFakeExecutor(({ runId, nodeId }, signal) =>
      runId === "other" ? goesOn.promise : nodeId === "a" ? ends.promise : untilAborted(signal),
    );
    const refusing = (journal: Journal): Journal => ({
      ...journal,
      async append(append) {
        if (append.runId === "left") throw new BusbarError("JOURNAL_FULL", "as the test wants it");
        await journal.append(append);
      },
    });
    const rig = createRig(executor, { wrap: refusing, onStall: "reject" });
    const startAs = (runId: string) => rig.runtime.start({ definition: limited.definition, runId });
    const left = withEnd(rig, await startAs("left"));
    const other = withEnd(rig, await startAs("other"));
    const calls = (): string[] => executor.attempts.map(({ runId, nodeId }) => `${runId} ${nodeId}`);
    assert.deepEqual(calls(), ["left a", "left b"], "c of the one and all of the other are queued");
    ends.open(SUCCEEDED);
    await assert.rejects(rig.until(left.ended), { code: "JOURNAL_FULL" });
    await rig.step();
    assert.deepEqual(calls().slice(2), ["other a", "other b"]);
    goesOn.open(SUCCEEDED);
    assert.equal((await rig.until(other.ended)).type, "run.succeeded");
  });
});

describe("a journal that takes what it does not acknowledge", () => {
  it("is not given the same append twice", async () => {
    const { gates, executor, faults, rig, run, runId } = await underWay();
    Object.assign(faults, { refuse: "JOURNAL_FAILED", isStored: true });
    gates.a.open(SUCCEEDED);
    await rig.step();
    faults.refuse = undefined;
    await rig.step(1000);
    assert.deepEqual(
      executor.attempts.map(({ nodeId }) => nodeId),
      ["a", "c", "b"],
    );
    for (const gate of [gates.b, gates.c]) gate.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
    await rightHistory(rig, runId);
  });

  it("is not given the same refusal of a request twice, which no event tells of", async () => {
    const { gates, faults, store, rig, run, runId } = await underWay();
    Object.assign(faults, { refuse: "JOURNAL_FAILED", isStored: true });
    await askFrom(store, runId, "approve");
    await rig.step(200);
    assert.equal((await rig.runtime.get(runId)).owner?.stalled?.error.code, "JOURNAL_FAILED");
    const { writes } = faults;
    faults.refuse = undefined;
    await rig.step(1000);
    assert.equal(faults.writes, writes);
    const [request] = await rig.journal.readRequests(runId);
    assert.equal(request?.answer?.kind, "refused");
    for (const gate of Object.values(gates)) gate.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });

  it("is given it again where it did not take it", async () => {
    const { gates, faults, store, rig, run, runId } = await underWay();
    faults.refuse = "JOURNAL_FAILED";
    await askFrom(store, runId, "approve");
    await rig.step(200);
    faults.refuse = undefined;
    await rig.step(1000);
    const [request] = await rig.journal.readRequests(runId);
    assert.equal(request?.answer?.kind, "refused");
    for (const gate of Object.values(gates)) gate.open(SUCCEEDED);
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });

  for (const onStall of ["retry", "reject"] as const) {
    it(`has the run all the same: whoever began it hears of no fault (${onStall})`, async () => {
      const { faults, wrap } = createFaultyJournal();
      const executor = createFakeExecutor();
      const store = createMemoryStore();
      const rig = createRig(executor, { store, wrap, onStall, onTrouble: () => undefined });
      Object.assign(faults, { refuse: "JOURNAL_FAILED", isStored: true });
      const starting = start(rig, WORKFLOW);
      faults.refuse = "JOURNAL_FAILED";
      await new Promise((resolve) => setImmediate(resolve));
      faults.refuse = undefined;
      const run = await starting;
      assert.equal((await rig.until(run.ended)).type, "run.succeeded");
      await rightHistory(rig, run.runId);
    });
  }

  it("has a resumed run all the same", async () => {
    const { store, rig, runId } = await underWay();
    await rig.runtime.close();
    rig.journal.abandon();
    const { faults, wrap } = createFaultyJournal();
    const next = createRig(createFakeExecutor(), { store, wrap, onTrouble: () => undefined });
    Object.assign(faults, { refuse: "JOURNAL_FAILED", isStored: true });
    const resuming = resume(next, runId);
    await next.step();
    faults.refuse = undefined;
    const resumed = await resuming;
    await settle(next);
    assert.equal((await next.until(resumed.ended)).type, "run.succeeded");
    await rightHistory(next, runId);
  });

  for (const from of ["here", "elsewhere"] as const) {
    it(`leaves a run that it may have taken to this process, which ends it when asked to (${from})`, async () => {
      const { faults, wrap } = createFaultyJournal();
      const store = createMemoryStore();
      const rig = createRig(createFakeExecutor(), { store, wrap, onStall: "reject" });
      const { promise: hold, resolve: letGo } = Promise.withResolvers<void>();
      Object.assign(faults, { refuse: "JOURNAL_FAILED", isStored: true, hold });
      const starting = rig.runtime.start({ definition: WORKFLOW.definition, runId: "r" });
      await until(() => faults.writes !== 0);
      faults.isBlind = true;
      letGo();
      await assert.rejects(starting, { code: "JOURNAL_FAILED" });
      Object.assign(faults, { refuse: undefined, isStored: false, isBlind: false });
      if (from === "elsewhere") {
        await askFrom(store, "r");
        await rig.step(200);
      } else {
        const asked = rig.runtime.request({ kind: "cancel", runId: "r", key: "k", by: "test" });
        assert.equal((await rig.until(asked)).kind, "applied");
      }
      assert.deepEqual(typesOf(await rightHistory(rig, "r")).slice(-1), ["run.cancelled"]);
      assert.equal((await rig.journal.readRequests("r"))[0]?.answer?.kind, "applied");
    });
  }

  it("is looked into before an id that was given is taken for a new one", async () => {
    const { faults, wrap } = createFaultyJournal();
    const rig = createRig(createFakeExecutor(), { wrap });
    faults.isBlind = true;
    const { definition } = WORKFLOW;
    await assert.rejects(rig.runtime.start({ definition, runId: "r" }), { code: "JOURNAL_FAILED" });
    assert.equal(faults.writes, 0);
    await rig.runtime.start({ definition });
    assert.equal(faults.writes > 0, true);
  });

  it("leaves no run that it did not take: the start is refused, and may be made again", async () => {
    const { faults, wrap } = createFaultyJournal();
    const executor = createFakeExecutor();
    const rig = createRig(executor, { wrap });
    faults.refuse = "JOURNAL_FULL";
    await assert.rejects(rig.runtime.start({ definition: WORKFLOW.definition, runId: "r" }), { code: "JOURNAL_FULL" });
    assert.equal(executor.attempts.length, 0);
    faults.refuse = undefined;
    const run = withEnd(rig, await rig.runtime.start({ definition: WORKFLOW.definition, runId: "r" }));
    assert.equal((await rig.until(run.ended)).type, "run.succeeded");
  });
});
