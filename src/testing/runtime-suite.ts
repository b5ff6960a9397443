import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventType, RunEvent } from "../engine/events.ts";
import type { RequestKind } from "../engine/requests.ts";
import type { Runtime } from "../ports/runtime.ts";
import { UNAVAILABLE } from "./engine-run.ts";
import { type Answer, createGate, SUCCEEDED, untilAborted } from "./fake-executor.ts";
import { readOver } from "./read-over.ts";
import { checkRules, createSetUp, type RuntimeHarness, refused, start } from "./runtime-harness.ts";
import { describeEngine } from "./runtime-suite-engine.ts";
import { describeOwners } from "./runtime-suite-owners.ts";
import { workflowOf } from "./workflow-of.ts";

const FAILED: Answer = () => ({
  outcome: "failed",
  error: { code: "NODE_REPORTED_FAILURE", message: "no", status: "FAILURE_REPLY" },
});
/** Enough nodes for a run to be read while it goes on. */
const MANY = Array.from({ length: 60 }, (_, index) => `n${index}`).join("; ");
async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const FAST_RETRY = { initialBackoffMs: 1, maxBackoffMs: 1 };

/**
 * The promises of the `Runtime` port, R1-R7, for any implementation of it.
 * @param drivenBy who keeps runs going; with `engine` the harness has one
 */
export function describeRuntime(
  name: string,
  createHarness: () => Promise<RuntimeHarness>,
  drivenBy: "process" | "engine" = "process",
): void {
  describe(`Runtime contract: ${name}`, () => {
    const setUp = createSetUp(createHarness);
    if (drivenBy === "engine") describeEngine(setUp);
    else describeOwners(setUp);

    const typesOf = (events: readonly RunEvent[]): EventType[] => events.map((event) => event.type);

    it("runs a workflow to its end and tells of every step (R1)", async () => {
      const { runtime, executor } = await setUp();
      const workflow = workflowOf("a > b > c");
      const run = await start(runtime, workflow);
      assert.equal((await runtime.wait(run.runId)).type, "run.succeeded");
      assert.deepEqual(
        executor.attempts.map((attempt) => `${attempt.nodeId} ${attempt.attempt} ${attempt.idempotencyKey}`),
        ["a", "b", "c"].map((id) => `${id} 1 ${run.runId}/${id}/1`),
      );
      const events = await runtime.events(run.runId);
      assert.deepEqual(typesOf(events), [
        "run.created",
        "run.started",
        ...["a", "b", "c"].flatMap((): EventType[] => ["node.started", "node.succeeded"]),
        "run.succeeded",
      ]);
      await checkRules(runtime, run.runId, workflow);
    });

    it("makes no run of a start it refuses (R1)", async () => {
      const { runtime } = await setUp();
      await start(runtime, workflowOf("a"), "taken").then((run) => runtime.wait(run.runId));
      await refused("RUN_EXISTS", () => start(runtime, workflowOf("a"), "taken"));
      await refused("RUN_ID_INVALID", () => start(runtime, workflowOf("a"), "../etc"));
      assert.deepEqual(
        (await runtime.list()).runs.map((run) => run.run_id),
        ["taken"],
      );
    });

    it("makes one run of starts with one key, whoever asks and however often, and refuses another hash (R1)", async () => {
      const { runtime, open } = await setUp();
      const other = await open();
      const { definition } = workflowOf("a");
      const idempotency = { key: "key", hash: "one" };
      const begin = (one: Runtime, hash = "one", runId?: string) =>
        one.start({ definition, idempotency: { key: "key", hash }, ...(runId === undefined ? {} : { runId }) });
      const [first, ...more] = await Promise.all([
        begin(runtime, "one", "r"),
        begin(runtime, "one", "r"),
        begin(runtime),
        begin(other.runtime),
      ]);
      const runs = [first, ...more];
      assert.equal(new Set(runs.map(({ runId }) => runId)).size, 1);
      assert.equal(runs.filter(({ again }) => again === undefined).length, 1);
      const runId = first?.runId ?? "";
      const owner =
        first?.again === undefined || more.slice(0, 2).some(({ again }) => !again) ? runtime : other.runtime;
      await owner.wait(runId);
      for (const one of [runtime, other.runtime]) {
        assert.deepEqual(await begin(one), { runId, again: true });
        assert.deepEqual(await one.findByKey("key"), { run_id: runId, hash: "one" });
        await refused("IDEMPOTENCY_KEY_USED", () => begin(one, "two"));
        // Before anything is looked at.
        const broken = { format: "json", text: "{" } as const;
        const { again } = await one.start({ definition: broken, runId: "../etc", idempotency });
        assert.equal(again, true);
      }
      assert.equal(await runtime.findByKey("other"), undefined);
      assert.deepEqual(
        (await runtime.list()).runs.map(({ run_id }) => run_id),
        [runId],
      );
    });

    it("makes a run of a key whose first start was refused, and one rerun of one key (R1)", async () => {
      const { runtime } = await setUp((attempt, signal) =>
        attempt.nodeId === "b" ? FAILED(attempt, signal) : SUCCEEDED,
      );
      const { definition } = workflowOf("a > b");
      const idempotency = { key: "key", hash: "one" };
      const results = await Promise.allSettled([
        runtime.start({ definition: { format: "json", text: "{" }, idempotency }),
        runtime.start({ definition, runId: "r", idempotency, priority: 5 }),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["rejected", "fulfilled"],
      );
      await runtime.wait("r");
      const { priority } = await runtime.get("r");
      assert.equal(priority, 5);
      const again = { runId: "second", idempotency: { key: "rerun", hash: "one" } };
      assert.deepEqual(await runtime.rerun("r", again), { runId: "second", kept: ["a"] });
      await runtime.wait("second");
      assert.deepEqual(await runtime.rerun("r", again), { runId: "second", kept: ["a"], again: true });
    });

    it("knows a run by its id, as the last one, or by the beginning of its id", async () => {
      const { runtime } = await setUp();
      await refused("RUN_NOT_FOUND", () => runtime.resolve("last"));
      for (const runId of ["ab", "abc-1", "abd-2"]) {
        await start(runtime, workflowOf("a"), runId).then((run) => runtime.wait(run.runId));
      }
      assert.equal(await runtime.resolve("ab"), "ab");
      assert.equal(await runtime.resolve("abc"), "abc-1");
      assert.equal(await runtime.resolve("last"), "abd-2");
      const { message, details } = await refused("RUN_AMBIGUOUS", () => runtime.resolve("a"));
      assert.match(message, /: ab, abc-1, abd-2$/);
      assert.deepEqual(details, { run_ids: ["ab", "abc-1", "abd-2"] });
      await refused("RUN_NOT_FOUND", () => runtime.resolve("b"));
      // Every id begins with nothing.
      for (const name of ["", " "]) await refused("RUN_NOT_FOUND", () => runtime.resolve(name));
      await refused("RUN_ID_INVALID", () => start(runtime, workflowOf("a"), "last"));
      const first = await runtime.list({ limit: 2 });
      assert.deepEqual(
        first.runs.map((run) => run.run_id),
        ["abd-2", "abc-1"],
      );
      assert.ok(first.next !== undefined);
      const second = await runtime.list({ limit: 2, before: first.next });
      assert.deepEqual([second.runs.map((run) => run.run_id), second.next], [["ab"], undefined]);
    });

    it("retries what may be retried, and records each attempt", async () => {
      let calls = 0;
      const { runtime } = await setUp(() => {
        calls += 1;
        return calls < 3 ? UNAVAILABLE : SUCCEEDED;
      });
      const run = await start(runtime, workflowOf("a", { retry: FAST_RETRY }));
      assert.equal((await runtime.wait(run.runId)).type, "run.succeeded");
      const view = await runtime.get(run.runId);
      assert.deepEqual(
        view.nodes[0]?.attempts.map((attempt) => attempt.outcome),
        ["failed", "failed", "succeeded"],
      );
    });

    it("keeps to max_parallel", async () => {
      const full = createGate<void>();
      const { runtime, executor } = await setUp(async () => {
        if (executor.outstanding === 3) full.open();
        await full.promise;
        await new Promise((resolve) => setImmediate(resolve));
        return SUCCEEDED;
      });
      const run = await start(runtime, workflowOf("a; b; c; d; e; f; g; h", { maxParallel: 3 }));
      await runtime.wait(run.runId);
      assert.equal(executor.peak, 3);
    });

    it("resumes a failed run: succeeded nodes stay, the rest is tried again (R2, E3)", async () => {
      const { runtime, open, crash } = await setUp((attempt) =>
        attempt.nodeId === "b" ? FAILED(attempt, new AbortController().signal) : SUCCEEDED,
      );
      const workflow = workflowOf("a > b > c");
      const run = await start(runtime, workflow, "again");
      assert.equal((await runtime.wait(run.runId)).type, "run.failed");
      await crash();
      const second = await open();
      const resumed = await second.runtime.resume("again", { by: "test" });
      assert.deepEqual([resumed.from, resumed.reset], ["failed", ["b", "c"]]);
      assert.equal((await second.runtime.wait(resumed.runId)).type, "run.succeeded");
      assert.deepEqual(
        second.executor.attempts.map((a) => `${a.nodeId} ${a.attempt} ${a.idempotencyKey}`),
        ["b 2 again/b/2", "c 1 again/c/2"],
      );
      await checkRules(second.runtime, "again", workflow);
    });

    it("refuses to resume a run that succeeded, that does not exist, or that lives (R2, E6)", async () => {
      const gate = createGate<void>();
      const { runtime, open } = await setUp(async () => {
        await gate.promise;
        return SUCCEEDED;
      });
      const run = await start(runtime, workflowOf("a"), "alive");
      const other = await open();
      const error = await refused("RUN_OWNED", () => other.runtime.resume("alive", { by: "test" }));
      assert.equal(error.details?.run_id, "alive");
      await refused("RUN_NOT_FOUND", () => other.runtime.resume("nothing", { by: "test" }));
      gate.open();
      await runtime.wait(run.runId);
      await refused("RUN_ALREADY_SUCCEEDED", () => other.runtime.resume("alive", { by: "test" }));
    });

    it("takes over a run whose owner was killed: the lost attempt is recorded and made again with its key (E4)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      const workflow = workflowOf("a > b");
      await start(runtime, workflow, "orphan");
      await leave("orphan");
      const second = await open();
      const interrupted = await second.runtime.list({ interrupted: true });
      assert.deepEqual(
        interrupted.runs.map((r) => [r.run_id, r.status, r.owner?.alive]),
        [["orphan", "running", false]],
      );
      const resumed = await second.runtime.resume("orphan", { by: "test" });
      assert.equal(resumed.from, "interrupted");
      assert.equal((await second.runtime.wait(resumed.runId)).type, "run.succeeded");
      assert.deepEqual(
        second.executor.attempts.map((a) => `${a.nodeId} ${a.attempt} ${a.idempotencyKey}`),
        ["a 2 orphan/a/1", "b 1 orphan/b/1"],
      );
      await checkRules(second.runtime, "orphan", workflow);
    });

    it("fails a lost node that must never run twice (E4, on_lost: fail)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      await start(runtime, workflowOf("a > b", { onLost: "fail" }), "once");
      await leave("once");
      const second = await open();
      const resumed = await second.runtime.resume("once", { by: "test" });
      const end = await second.runtime.wait(resumed.runId);
      assert.equal(end.type, "run.failed");
      assert.equal(second.executor.attempts.length, 0);
    });

    it("cancels a run of its own: calls are aborted, what waits is cancelled, the rest skipped (R3)", async () => {
      const { runtime } = await setUp((_, signal) => untilAborted(signal));
      const workflow = workflowOf("a > b; c", { maxParallel: 1 });
      const run = await start(runtime, workflow);
      const answer = await runtime.request({ kind: "cancel", runId: run.runId, key: "k", by: "test" });
      assert.equal(answer.kind, "applied");
      assert.equal((await runtime.wait(run.runId)).type, "run.cancelled");
      const view = await runtime.get(run.runId);
      assert.deepEqual(
        view.nodes.map((node) => node.status),
        ["cancelled", "skipped", "skipped"],
      );
      await checkRules(runtime, run.runId, workflow);
    });

    it("cancels a run that another process drives (R3)", async () => {
      const { runtime, open } = await setUp((_, signal) => untilAborted(signal));
      const run = await start(runtime, workflowOf("a"), "theirs");
      const other = await open();
      const answer = await other.runtime.request({ kind: "cancel", runId: "theirs", key: "k", by: "somebody" });
      assert.equal(answer.kind, "applied");
      assert.equal((await runtime.wait(run.runId)).type, "run.cancelled");
      const requested = (await other.runtime.events("theirs")).find((event) => event.type === "run.cancel_requested");
      assert.equal(requested?.by, "somebody");
      await refused("RUN_ALREADY_ENDED", () =>
        other.runtime.request({ kind: "cancel", runId: "theirs", key: "l", by: "x" }),
      );
      // The same request once more: its answer may have been lost on its way.
      const again = { kind: "cancel", runId: "theirs", key: "k", by: "somebody" } as const;
      assert.deepEqual(await other.runtime.request(again), answer);
    });

    it("cancels a run whose owner is dead by taking it over (R3)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      const workflow = workflowOf("a > b");
      await start(runtime, workflow, "dead");
      await leave("dead");
      const other = await open();
      const answer = await other.runtime.request({ kind: "cancel", runId: "dead", key: "k", by: "test" });
      assert.equal(answer.kind, "applied");
      const events: RunEvent[] = [];
      for await (const event of other.runtime.watch("dead")) events.push(event);
      assert.equal(events.at(-1)?.type, "run.cancelled");
      assert.equal(other.executor.attempts.length, 0);
      await checkRules(other.runtime, "dead", workflow);
    });

    /** Starts a run of `a > b`, whose first call lasts until the gate opens, and another runtime beside it. */
    async function setUpGated(runId: string) {
      const gate = createGate<void>();
      const one = await setUp(async (_, signal) => {
        await Promise.race([gate.promise, untilAborted(signal)]);
        return SUCCEEDED;
      });
      const workflow = workflowOf("a > b");
      await start(one.runtime, workflow, runId);
      return { ...one, gate, workflow, other: await one.open() };
    }
    const ask = (runtime: Runtime, runId: string, kind: RequestKind, key: string = kind) =>
      runtime.request({ runId, kind, key, by: "somebody" });
    const settled = async (runtime: Runtime, runId: string, nodeId: string): Promise<void> => {
      for await (const event of runtime.watch(runId)) {
        if (event.type === "node.succeeded" && event.node_id === nodeId) return;
      }
    };

    it("pauses a run, whoever drives it: what is outstanding ends, nothing starts until it is unpaused (R3)", async () => {
      const { runtime, other, executor, gate, workflow } = await setUpGated("held");
      const paused = await ask(other.runtime, "held", "pause");
      gate.open();
      await settled(other.runtime, "held", "a");
      const view = await other.runtime.get("held");
      assert.deepEqual([view.status, view.paused], ["running", true]);
      assert.deepEqual((await other.runtime.list()).runs[0]?.paused, true);
      assert.deepEqual(await ask(runtime, "held", "pause", "again"), paused);
      assert.equal(executor.attempts.length, 1);
      assert.equal((await ask(runtime, "held", "unpause")).kind, "applied");
      assert.equal((await runtime.wait("held")).type, "run.succeeded");
      const { paused: isPaused } = await other.runtime.get("held");
      assert.equal(isPaused, false);
      const by = (await runtime.events("held")).flatMap((one) =>
        one.type === "run.paused" || one.type === "run.unpaused" ? [`${one.type} ${one.by}`] : [],
      );
      assert.deepEqual(by, ["run.paused somebody", "run.unpaused somebody"]);
      for (const kind of ["pause", "unpause"] as const) {
        await refused("RUN_ALREADY_ENDED", () => ask(other.runtime, "held", kind, "late"));
      }
      await checkRules(runtime, "held", workflow);
    });

    it("refuses to unpause what is not paused, and cancels what is (R3)", async () => {
      const { runtime, other, gate } = await setUpGated("one");
      const answer = await ask(other.runtime, "one", "unpause");
      assert.ok(answer.kind === "refused" && answer.error.code === "RUN_NOT_PAUSED");
      await ask(runtime, "one", "pause");
      await ask(other.runtime, "one", "cancel");
      assert.equal((await other.runtime.wait("one")).type, "run.cancelled");
      assert.equal((await other.runtime.get("one")).paused, false);
      gate.open();
    });

    it("pauses and unpauses a run whose owner is dead, and drives it no further (R3)", async () => {
      const { other, leave, open, workflow } = await setUpGated("left");
      await leave("left");
      const paused = await ask(other.runtime, "left", "pause");
      assert.deepEqual(paused, { kind: "applied", seq: 4 });
      await refused("RUN_LEFT", () => other.runtime.wait("left"));
      // Asked again of the process that has the run now and drives it no more, and once that is gone.
      assert.deepEqual(await ask(other.runtime, "left", "pause", "again"), paused);
      await other.leave("left");
      const third = await open();
      assert.deepEqual(await ask(third.runtime, "left", "pause", "and again"), paused);
      assert.deepEqual(await ask(third.runtime, "left", "unpause"), { kind: "applied", seq: 5 });
      const answer = await ask(third.runtime, "left", "unpause", "once more");
      assert.ok(answer.kind === "refused" && answer.error.code === "RUN_NOT_PAUSED");
      assert.equal((await ask(third.runtime, "left", "pause", "at last")).kind, "applied");
      const events = await third.runtime.events("left");
      assert.deepEqual(typesOf(events.slice(3)), ["run.paused", "run.unpaused", "run.paused"]);
      assert.deepEqual([other.executor.attempts, third.executor.attempts], [[], []]);
      await checkRules(third.runtime, "left", workflow);
    });

    it("takes a run up on nobody's word three times in vain, and then only if somebody asks (R2)", async () => {
      const { leave, other, open, workflow } = await setUpGated("r");
      const recover = (runtime: Runtime) => runtime.resume("r", { by: "server", recovery: true });
      await other.close();
      await leave("r");
      for (let times = 0; times < 3; times += 1) {
        const next = await open((_, signal) => untilAborted(signal));
        assert.deepEqual((await recover(next.runtime)).reset, []);
        await next.leave("r");
      }
      const last = await open();
      await refused("RECOVERED_IN_VAIN", () => recover(last.runtime));
      assert.deepEqual((await last.runtime.get("r")).explanation.reason, { kind: "interrupted", recoveries: 3 });
      await last.runtime.resume("r", { by: "ada" });
      assert.equal((await last.runtime.wait("r")).type, "run.succeeded");
      await refused("RUN_ALREADY_ENDED", () => recover(last.runtime));
      await checkRules(last.runtime, "r", workflow);
    });

    it("unpauses a run that is resumed, unless nobody wants it to go on (R2)", async () => {
      const { other, leave, open, workflow } = await setUpGated("r");
      await ask(other.runtime, "r", "pause");
      await leave("r");
      await other.runtime.resume("r", { by: "server", recovery: true });
      const { paused, owner, nodes } = await other.runtime.get("r");
      assert.deepEqual([paused, owner?.alive, nodes.map(({ status }) => status)], [true, true, ["pending", "pending"]]);
      await other.leave("r");
      const third = await open();
      await third.runtime.resume("r", { by: "ada" });
      assert.equal((await third.runtime.wait("r")).type, "run.succeeded");
      const events = await third.runtime.events("r");
      const at = events.findIndex(({ type }) => type === "run.unpaused");
      assert.deepEqual([events[at - 1]?.type, events[at]?.epoch], ["run.resumed", events[at - 1]?.epoch]);
      assert.deepEqual(other.executor.attempts, []);
      await checkRules(third.runtime, "r", workflow);
    });

    it("makes a new run of another, whoever made that: what succeeded is kept, the rest runs again (R2)", async () => {
      const { runtime, open, crash } = await setUp((attempt, signal) =>
        attempt.nodeId === "b" ? FAILED(attempt, signal) : SUCCEEDED,
      );
      const workflow = workflowOf("a > b > c");
      await start(runtime, workflow, "first");
      await runtime.wait("first");
      const before = await runtime.events("first");
      await crash();
      const second = await open();
      const made = await second.runtime.rerun("first", { runId: "second" });
      assert.deepEqual(made, { runId: "second", kept: ["a"] });
      assert.equal((await second.runtime.wait("second")).type, "run.succeeded");
      assert.deepEqual(
        second.executor.attempts.map((one) => `${one.nodeId} ${one.attempt} ${one.idempotencyKey}`),
        ["b 1 second/b/1", "c 1 second/c/1"],
      );
      const { source, nodes } = await second.runtime.get("second");
      assert.deepEqual(
        [source, nodes[0]?.reused_from, nodes[0]?.attempts, nodes[1]?.reused_from],
        ["first", "first", [], undefined],
      );
      assert.deepEqual(nodes[0]?.output, (await second.runtime.get("first")).nodes[0]?.output);
      assert.deepEqual(await second.runtime.events("first"), before);
      await checkRules(second.runtime, "second", workflow);
      const third = await second.runtime.rerun("second", { from: ["c"] });
      assert.deepEqual(third.kept, ["a", "b"]);
      assert.equal((await second.runtime.wait(third.runId)).type, "run.succeeded");
      const { nodes: kept } = await second.runtime.get(third.runId);
      assert.deepEqual(
        kept.map((node) => node.reused_from),
        ["first", "second", undefined],
      );
    });

    it("refuses a rerun that keeps all, names no node, would keep what is not the same, or is of a living run (R2)", async () => {
      const gate = createGate<void>();
      const { runtime, open } = await setUp(async (attempt) => {
        if (attempt.runId === "alive") await gate.promise;
        return SUCCEEDED;
      });
      await start(runtime, workflowOf("a > b"), "done");
      await runtime.wait("done");
      await start(runtime, workflowOf("a"), "alive");
      const other = await open();
      for (const one of [runtime, other.runtime]) {
        await refused("RERUN_NOTHING", () => one.rerun("done"));
        await refused("RERUN_NODE_UNKNOWN", () => one.rerun("done", { from: ["c"] }));
        const { definition } = workflowOf("a > b", { nodes: { a: { inputFile: "/other" } } });
        const error = await refused("RERUN_DIFFERS", () => one.rerun("done", { from: ["b"], definition }));
        assert.match(String(error.details?.differences), /^"a": its input_file was /);
        await refused("RUN_OWNED", () => one.rerun("alive", { from: ["a"] }));
        await refused("RUN_NOT_FOUND", () => one.rerun("nothing"));
        await refused("RUN_EXISTS", () => one.rerun("done", { from: ["a"], runId: "alive" }));
        await refused("PARAM_UNKNOWN", () => one.rerun("done", { from: ["a"], params: { p: 1 } }));
      }
      assert.equal((await runtime.list()).runs.length, 2);
      gate.open();
      await runtime.wait("alive");
    });

    it("watches a run of another process from any point, each event once, in order (R4)", async () => {
      const gate = createGate<void>();
      const { runtime, open } = await setUp(async (attempt) => {
        if (attempt.nodeId === "b") await gate.promise;
        return SUCCEEDED;
      });
      const run = await start(runtime, workflowOf("a > b > c"), "seen");
      const other = await open();
      const seen: number[] = [];
      for await (const event of other.runtime.watch("seen", { afterSeq: 2 })) {
        seen.push(event.seq);
        gate.open();
      }
      await runtime.wait(run.runId);
      const all = await other.runtime.events("seen");
      assert.deepEqual(
        seen,
        all.slice(2).map((event) => event.seq),
      );
    });

    it("stops watching a run whose owner is dead once nothing is left to read (R4)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      await start(runtime, workflowOf("a"), "left");
      await leave("left");
      const other = await open();
      const seen: EventType[] = [];
      for await (const event of other.runtime.watch("left")) seen.push(event.type);
      assert.deepEqual(seen, ["run.created", "run.started", "node.started"]);
    });

    it("reads events page by page", async () => {
      const { runtime } = await setUp();
      const { runId } = await start(runtime, workflowOf("a > b"));
      await runtime.wait(runId);
      const all = await runtime.events(runId);
      const pages = [await runtime.events(runId, 0, 4), await runtime.events(runId, 4, 4)];
      assert.deepEqual(pages, [all.slice(0, 4), all.slice(4)]);
    });

    it("feeds the events of all runs to whoever follows, whichever process records them (R7)", async () => {
      const gate = createGate<void>();
      const { runtime, open } = await setUp(async (attempt) => {
        if (attempt.runId !== "early") await gate.promise;
        return SUCCEEDED;
      });
      const other = await open();
      const early = await start(runtime, workflowOf("a"), "early");
      await runtime.wait(early.runId);
      const before = await collect(other.runtime.feed());
      assert.deepEqual(
        before.map((item) => item.kind === "event" && item.event),
        await runtime.events("early"),
      );
      // What ends before somebody is at `now` is not told to them.
      const isFollowing = createGate<void>();
      const follow = async (one: Runtime, after: string) => {
        const seen: string[] = [];
        let ends = 0;
        for await (const item of one.feed({ after, follow: true })) {
          if (item.kind === "now") {
            isFollowing.open();
            await start(other.runtime, workflowOf("a > b"), "theirs");
          }
          // Whoever goes on from a cursor may be told once more what is before it, where an engine keeps the runs.
          if (item.kind !== "event" || item.event.run_id === "early") continue;
          seen.push(`${item.event.run_id} ${item.event.seq}`);
          if (item.event.type === "run.succeeded") ends += 1;
          if (ends === 2) return seen;
        }
        throw new assert.AssertionError({ message: "the feed ended" });
      };
      const seen = [follow(other.runtime, "now"), follow(runtime, before.at(-1)?.cursor ?? "")];
      await isFollowing.promise;
      await start(runtime, workflowOf("a; b"), "ours");
      gate.open();
      const [one = [], two] = await Promise.all(seen);
      // Of an engine every follower has its own order of several runs, and its own moment that is `now`.
      if (drivenBy === "process") assert.deepEqual(two, one);
      for (const runId of ["ours", "theirs"]) {
        const places = (await runtime.events(runId)).map(({ seq }) => `${runId} ${seq}`);
        const [since = [], all] = [one, two].map((told) => told?.filter((place) => place.startsWith(`${runId} `)));
        assert.deepEqual(all, places);
        assert.deepEqual(since, places.slice(-since.length));
      }
    });

    it("stops feeding when it is told to, or closes, and refuses what is no cursor (R7)", async () => {
      const { runtime, close, open } = await setUp();
      const stop = new AbortController();
      const followed = [runtime.feed({ follow: true, signal: stop.signal }), runtime.feed({ follow: true })].map(
        collect,
      );
      const { runId } = await start(runtime, workflowOf("a"));
      await runtime.wait(runId);
      await refused("USAGE", () => collect(runtime.feed({ after: "7" })));
      stop.abort();
      await followed[0];
      await close();
      await followed[1];
      const { runtime: later } = await open();
      assert.ok((await collect(later.feed())).length > 0);
    });

    it("says the same in lists as in the run itself (R5)", async () => {
      const { runtime } = await setUp((attempt) =>
        attempt.nodeId === "b" ? FAILED(attempt, new AbortController().signal) : SUCCEEDED,
      );
      const run = await start(runtime, workflowOf("a > b > c; a > d", { onFailure: "continue" }));
      await runtime.wait(run.runId);
      const [listed] = (await runtime.list()).runs;
      const view = await runtime.get(run.runId);
      assert.deepEqual(listed?.counts, {
        pending: 0,
        running: 0,
        waiting: 0,
        succeeded: 2,
        failed: 1,
        skipped: 1,
        cancelled: 0,
      });
      for (const [key, value] of Object.entries(listed ?? {}))
        assert.deepEqual(view[key as keyof typeof view], value, key);
      assert.equal(view.error?.code, "RUN_NODE_FAILED");
    });

    it("says of a run what was so at one moment, whoever drives it meanwhile (R5)", async () => {
      const { runtime, open } = await setUp(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return SUCCEEDED;
      });
      const other = await open();
      const run = await start(runtime, workflowOf(MANY, { maxParallel: 2 }));
      let isOver = false;
      const ended = runtime.wait(run.runId).finally(() => {
        isOver = true;
      });
      const seen = await readOver([runtime, other.runtime], run.runId, () => isOver);
      assert.equal((await ended).type, "run.succeeded");
      assert.deepEqual(seen.torn, []);
      assert.ok(seen.lengths > 3, `the run was seen at ${seen.lengths} lengths`);
    });

    it("explains why a run stands where it stands, whoever drives it (R5)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      const workflow = workflowOf("a; b > c", { maxParallel: 1 });
      const { runId } = await start(runtime, workflow);
      const other = await open();
      for (const one of [runtime, other.runtime]) {
        const { reason, nodes, limits, next } = (await one.get(runId)).explanation;
        assert.equal(reason.kind, "under_way");
        assert.deepEqual(
          nodes.map((node) => `${node.id} ${node.reason.kind}`),
          ["a running", "b max_parallel", "c upstream"],
        );
        assert.deepEqual(limits, [{ kind: "max_parallel", limit: 1, held_by: ["a"] }]);
        assert.equal(next, `watch ${runId}`);
      }
      await leave(runId);
      const left = (await other.runtime.get(runId)).explanation;
      assert.deepEqual([left.reason.kind, left.next], ["interrupted", `resume ${runId}`]);
      await other.runtime.resume(runId, { by: "test" });
      assert.equal((await other.runtime.wait(runId)).type, "run.succeeded");
      const { called_again, ...ended } = (await other.runtime.get(runId)).explanation;
      assert.deepEqual(ended, { reason: { kind: "ended" }, nodes: [], limits: [] });
      assert.deepEqual(
        called_again.map(({ node_id, attempt, because }) => [node_id, attempt, because]),
        [["a", 2, "lost"]],
      );
    });

    it("gives up waiting when it is told to, and the run goes on (R6)", async () => {
      const gate = createGate<void>();
      const { runtime, open } = await setUp(async () => {
        await gate.promise;
        return SUCCEEDED;
      });
      const run = await start(runtime, workflowOf("a"));
      const other = await open();
      const stop = new AbortController();
      const waiting = [runtime, other.runtime].map((one) => one.wait(run.runId, { signal: stop.signal }));
      stop.abort();
      await Promise.all(waiting.map((one) => assert.rejects(one, { name: "AbortError" })));
      gate.open();
      assert.equal((await other.runtime.wait(run.runId)).type, "run.succeeded");
      assert.equal((await runtime.wait(run.runId)).type, "run.succeeded");
    });

    it("rejects where nobody drives the run any more, or there is none (R6)", async () => {
      const { runtime, open, leave } = await setUp((_, signal) => untilAborted(signal));
      await start(runtime, workflowOf("a"), "gone");
      await leave("gone");
      const other = await open();
      await refused("RUN_LEFT", () => other.runtime.wait("gone"));
      await refused("RUN_NOT_FOUND", () => other.runtime.wait("nothing"));
    });

    it("returns once a request is recorded, where that is all that is asked for (R3)", async () => {
      const { runtime, open } = await setUp((_, signal) => untilAborted(signal));
      const run = await start(runtime, workflowOf("a"));
      const other = await open();
      const asked = { runId: run.runId, kind: "cancel", key: "k", by: "test" } as const;
      // Or answered, where that was as quick.
      assert.match((await other.runtime.request({ ...asked, until: "recorded" })).kind, /^(recorded|applied)$/);
      assert.equal((await runtime.wait(run.runId)).type, "run.cancelled");
      assert.equal((await other.runtime.request(asked)).kind, "applied", "it is the same request");
      await refused("RUN_ALREADY_ENDED", () => other.runtime.request({ ...asked, key: "l" }));
    });
  });
}
