// Watchers get every event once and in order, wherever the run is driven, and however slowly they take them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import type { RunEvent } from "../../engine/events.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import type { Journal } from "../../ports/journal.ts";
import { FAILED } from "../../testing/engine-run.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import {
  appendOf,
  newRun,
  nodeStarted,
  SUCCEEDED as RUN_SUCCEEDED,
  summaryWith,
  takeOverOf,
} from "../../testing/journal-runs.ts";
import { readDefinition } from "../../testing/read-definition.ts";
import { createRig, type Rig, resume, start } from "../../testing/runtime-rig.ts";
import { createWorkflow, workflowOf } from "../../testing/workflow-of.ts";
import { createRunReader } from "./reader.ts";

/** Collects what a watcher is given, as fast as it can take it. */
function watch(
  { runtime }: Rig,
  runId: string,
  afterSeq = 0,
): { readonly seqs: number[]; readonly ended: Promise<void> } {
  const seqs: number[] = [];
  const ended = (async () => {
    for await (const event of runtime.watch(runId, { afterSeq })) seqs.push(event.seq);
  })();
  ended.catch(() => undefined);
  return { seqs, ended };
}

const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe("a watcher", () => {
  it("misses nothing that another process wrote before the run came here", async () => {
    const store = createMemoryStore();
    const clock = createSteppingClock();
    const gate = createGate<typeof SUCCEEDED>();
    const theirs = createRig(
      createFakeExecutor(({ nodeId }, signal) => (nodeId === "a" ? gate.promise : untilAborted(signal))),
      { store, clock },
    );
    const run = await start(theirs, workflowOf("a > b > c"));
    const ours = createRig(createFakeExecutor(), { store, clock });
    const watcher = watch(ours, run.runId);
    await ours.step();
    assert.deepEqual(watcher.seqs, upTo(3), "all there is so far; then it waits");
    gate.open(SUCCEEDED);
    await theirs.step();
    theirs.journal.abandon();
    await theirs.runtime.close();
    assert.deepEqual(watcher.seqs, upTo(3), "no look has come yet");
    const resumed = await resume(ours, run.runId);
    await ours.until(resumed.ended);
    await ours.until(watcher.ended);
    assert.deepEqual(watcher.seqs, upTo((await ours.runtime.events(run.runId)).length));
  });

  it("is given what it asked for where it begins in the middle or ahead of the run", async () => {
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(createFakeExecutor(() => gate.promise));
    const run = await start(rig, workflowOf("a > b"));
    const [middle, ahead] = [watch(rig, run.runId, 2), watch(rig, run.runId, 5)];
    await rig.step();
    gate.open(SUCCEEDED);
    await rig.until(run.ended);
    await rig.until(middle.ended);
    await rig.until(ahead.ended);
    const { length } = await rig.runtime.events(run.runId);
    assert.deepEqual([middle.seqs, ahead.seqs], [upTo(length, 3), upTo(length, 6)]);
  });

  it("reads again what it did not take in time, and the run does not wait for it", async () => {
    const ids = Array.from({ length: 600 }, (_, index) => `n${index}`);
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(createFakeExecutor(() => gate.promise));
    const run = await start(rig, createWorkflow("wide", ids, [], { definition: "full" }));
    const seen: RunEvent[] = [];
    const events = rig.runtime.watch(run.runId)[Symbol.asyncIterator]();
    const first = await events.next();
    if (first.done !== true) seen.push(first.value);
    gate.open(SUCCEEDED);
    await rig.until(run.ended);
    const takeAll = async (): Promise<void> => {
      for (let next = await events.next(); next.done !== true; next = await events.next()) seen.push(next.value);
    };
    await rig.until(takeAll());
    assert.deepEqual(seen, await rig.runtime.events(run.runId));
    assert.equal(seen.length, 1203);
  });

  it("of a run that has only begun here reads nothing in the journal", async () => {
    let readings = 0;
    const counting = (journal: Journal): Journal => ({
      ...journal,
      ownerId: journal.ownerId,
      readRun: (id) => count(journal.readRun(id)),
      readEvents: (...page) => count(journal.readEvents(...page)),
    });
    const count = <T>(reading: T): T => {
      readings += 1;
      return reading;
    };
    const rig = createRig(createFakeExecutor(), { wrap: counting });
    const run = await start(rig, workflowOf("a > b > c"));
    const watcher = watch(rig, run.runId);
    await rig.until(watcher.ended);
    assert.deepEqual([watcher.seqs, readings], [upTo(9), 0]);
    const after = watch(rig, run.runId);
    await rig.until(after.ended);
    assert.deepEqual([after.seqs, readings], [upTo(9), 2], "nothing of a run that has ended is kept");
  });

  it("is given all of a run wherever it comes in, however many events there were, also of one that goes on later", async () => {
    for (const nodes of [1, 14, 15, 16, 17, 40]) {
      const chain = workflowOf(Array.from({ length: nodes }, (_, index) => `n${index}`).join(" > "));
      for (let comesAt = 0; comesAt <= nodes; comesAt += nodes > 5 ? 5 : 1) {
        const isOpen = createGate<void>();
        const rig = createRig(
          createFakeExecutor(async ({ nodeId }) => {
            if (nodeId === `n${comesAt}`) await isOpen.promise;
            return nodeId === `n${nodes - 1}` ? FAILED : SUCCEEDED;
          }),
        );
        const run = await start(rig, chain);
        await rig.step();
        const there = (await rig.runtime.events(run.runId)).length;
        const watchers = [0, 1, there - 1, there, there + 1].map((after) => ({
          after,
          ...watch(rig, run.runId, after),
        }));
        await rig.step();
        for (const { after, seqs } of watchers) assert.deepEqual(seqs, upTo(there, after + 1), `${nodes}, ${comesAt}`);
        isOpen.open();
        await rig.until(run.ended);
        for (const watcher of watchers) await rig.until(watcher.ended);
        const { length } = await rig.runtime.events(run.runId);
        for (const { after, seqs } of watchers) assert.deepEqual(seqs, upTo(length, after + 1), `${nodes}, ${comesAt}`);
        const resumed = await resume(rig, run.runId);
        const again = watch(rig, run.runId, length - 2);
        await rig.until(resumed.ended);
        await rig.until(again.ended);
        assert.deepEqual(again.seqs, upTo((await rig.runtime.events(run.runId)).length, length - 1));
      }
    }
  });

  it("is told of the end of a run that is driven elsewhere, and of what came since the last look", async () => {
    const store = createMemoryStore();
    const clock = createSteppingClock();
    const gate = createGate<typeof SUCCEEDED>();
    const theirs = createRig(
      createFakeExecutor(() => gate.promise),
      { store, clock },
    );
    const run = await start(theirs, workflowOf("a"));
    const ours = createRig(createFakeExecutor(), { store, clock });
    const watcher = watch(ours, run.runId);
    await ours.step();
    gate.open(SUCCEEDED);
    await ours.until(run.ended);
    await ours.until(watcher.ended);
    assert.deepEqual(watcher.seqs, upTo(5));
  });

  it("stops when it is told to, when the runtime closes, and when the run is left here", async () => {
    const rig = createRig(createFakeExecutor((_, signal) => untilAborted(signal)));
    const run = await start(rig, workflowOf("a"));
    const abort = new AbortController();
    const stopped = (async () => {
      let count = 0;
      for await (const _ of rig.runtime.watch(run.runId, { signal: abort.signal })) count += 1;
      return count;
    })();
    const open = watch(rig, run.runId);
    await rig.step();
    abort.abort();
    assert.equal(await rig.until(stopped), 3);
    await rig.runtime.close();
    await rig.until(open.ended);
    assert.deepEqual(open.seqs, upTo(3));
    await assert.rejects(rig.until(watch(rig, "nothing").ended), { code: "RUN_NOT_FOUND" });
  });

  it("need not wait for a journal that is away when nobody wants it any more", async () => {
    const never = new Promise<never>(() => undefined);
    const kept = openMemoryJournal(createMemoryStore());
    await kept.create(newRun("r"));
    for (const hangs of [{ readRun: () => never }, { readEvents: () => never }]) {
      const clock = createSteppingClock();
      const reader = createRunReader({ journal: { ...kept, ...hangs }, clock, readDefinition });
      const abort = new AbortController();
      const { signal } = abort;
      const watched = (async () => {
        for await (const _ of reader.watch("r", { signal })) assert.fail("nothing can be read");
      })();
      const waited = assert.rejects(reader.wait("r", { signal }), { name: "AbortError" });
      const open = (async () => {
        for await (const _ of reader.watch("r")) assert.fail("nothing can be read");
      })();
      await new Promise(setImmediate);
      abort.abort();
      reader.close();
      await Promise.all([watched, waited, open]);
    }
  });

  it("that waits for the end is told when it is closed, not that the run is interrupted", async () => {
    const journal = openMemoryJournal(createMemoryStore());
    await journal.create(newRun("r"));
    const reader = createRunReader({ journal, clock: createSteppingClock(), readDefinition });
    const waited = assert.rejects(reader.wait("r"), { code: "RUN_LEFT", message: /was closed/ });
    await new Promise(setImmediate);
    reader.close();
    await waited;
  });

  it("is told the params that the run was started with, whatever becomes of the caller's object", async () => {
    const rig = createRig(createFakeExecutor());
    const { definition } = workflowOf("a", { params: [{ name: "day", type: "string", default: "" }] });
    const params = { day: "1" };
    const hasDay = async (runId: string, day: string): Promise<void> => {
      for await (const event of rig.runtime.watch(runId)) {
        if (event.type === "run.created") assert.deepEqual(event.params, { day });
      }
      assert.deepEqual((await rig.runtime.get(runId)).params, { day });
    };
    const starting = rig.runtime.start({ definition, params });
    params.day = "2";
    const { runId } = await starting;
    params.day = "3";
    await rig.until(hasDay(runId, "1"));
    const repeating = rig.runtime.rerun(runId, { from: ["a"], params });
    params.day = "4";
    const again = await rig.until(repeating);
    await rig.until(hasDay(again.runId, "3"));
  });

  it("reads a long history page by page, and does not take an end in its middle for the end", async () => {
    const journal = openMemoryJournal(createMemoryStore());
    await journal.create(newRun("r"));
    const bodies = Array.from({ length: 198 }, (_, index) => nodeStarted(`n${index}`));
    await journal.append(appendOf("r", 2, [...bodies, { type: "run.failed", duration_ms: 1 }]));
    await journal.takeOver(takeOverOf("r", 201, 2));
    await journal.append(
      appendOf("r", 202, [...bodies, RUN_SUCCEEDED], { epoch: 2, summary: summaryWith("succeeded") }),
    );
    const reader = createRunReader({ journal, clock: createSteppingClock(), readDefinition });
    const seqs: number[] = [];
    for await (const { seq } of reader.watch("r")) seqs.push(seq);
    assert.deepEqual(seqs, upTo(400));
  });
});
