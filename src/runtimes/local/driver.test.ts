import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createMemoryStore } from "../../adapters/journal-memory/store.ts";
import type { RunEvent } from "../../engine/events.ts";
import type { Finding } from "../../engine/finding.ts";
import { checkHistory } from "../../engine/rules.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createSecrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import type { NewRequest } from "../../ports/requests.ts";
import { FAILED, UNAVAILABLE } from "../../testing/engine-run.ts";
import { createFakeExecutor, createGate, SUCCEEDED, untilAborted } from "../../testing/fake-executor.ts";
import { createRig, resume, start, typesOf } from "../../testing/runtime-rig.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import type { Workflow } from "../../workflow/workflow.ts";

const FINDING: Finding = {
  severity: "error",
  code: "SERVICE_UNREACHABLE",
  service: "service",
  address: "localhost:1",
  message: "service at localhost:1 refuses the connection",
};

describe("an observer that is told of the end of a run", () => {
  it("may resume it, and make another of it, at once", async () => {
    const again = Promise.withResolvers<unknown>();
    let tries = 0;
    const rig = createRig(
      createFakeExecutor(() => (++tries === 1 ? FAILED : SUCCEEDED)),
      {
        observers: [
          (events) => {
            const end = events.at(-1);
            if (end?.type === "run.failed") {
              rig.runtime.resume(end.run_id, { by: "observer" }).catch(again.reject);
            }
            if (end?.type === "run.succeeded" && end.run_id !== "again") {
              again.resolve(rig.runtime.rerun(end.run_id, { from: ["a"], runId: "again" }));
            }
          },
        ],
      },
    );
    await start(rig, workflowOf("a"));
    await rig.until(again.promise);
    assert.equal((await rig.until(rig.runtime.wait("again"))).type, "run.succeeded");
  });

  it("finds a run that goes on owned", async () => {
    const refused: Promise<unknown>[] = [];
    const rig = createRig(createFakeExecutor(), {
      observers: [
        ([event]) => {
          if (event?.type !== "node.succeeded" || refused.length > 0) return;
          refused.push(assert.rejects(rig.runtime.resume(event.run_id, { by: "observer" }), { code: "RUN_OWNED" }));
        },
      ],
    });
    const run = await start(rig, workflowOf("a > b"));
    await rig.until(run.ended);
    await rig.until(Promise.all(refused));
    assert.equal(refused.length, 1);
  });
});

describe("appends (E8)", () => {
  it("costs a chain one commit a node: an outcome and the starts it allows are one append", async () => {
    const rig = createRig(createFakeExecutor());
    await (await start(rig, workflowOf("a > b > c"))).ended;
    assert.deepEqual(rig.appends.map(typesOf), [
      ["run.created", "run.started", "node.started a"],
      ["node.succeeded a", "node.started b"],
      ["node.succeeded b", "node.started c"],
      ["node.succeeded c", "run.succeeded"],
    ]);
  });

  it("costs one more with preflight, which begins when run.created is durable", async () => {
    const events: string[] = [];
    const executor: Executor = {
      ...createFakeExecutor(),
      preflight: async () => {
        events.push("preflight");
        return [];
      },
    };
    const rig = createRig(executor);
    await (await start(rig, workflowOf("a"), true)).ended;
    assert.deepEqual(rig.appends.map(typesOf), [
      ["run.created"],
      ["run.started", "node.started a"],
      ["node.succeeded a", "run.succeeded"],
    ]);
    assert.deepEqual(events, ["preflight"]);
  });

  it("calls the executor only when node.started is durable, and starts nothing on an outcome that is not", async () => {
    const durable = new Set<string>();
    const executor = createFakeExecutor((attempt) => {
      assert.ok(durable.has(`node.started ${attempt.nodeId}`));
      if (attempt.nodeId === "b") assert.ok(durable.has("node.succeeded a"));
      return SUCCEEDED;
    });
    const rig = createRig(executor);
    const push = rig.appends as (readonly RunEvent[])[];
    const original = push.push.bind(push);
    push.push = (...batches) => {
      for (const batch of batches) for (const line of typesOf(batch)) durable.add(line);
      return original(...batches);
    };
    const run = await start(rig, workflowOf("a > b"));
    assert.equal((await run.ended).type, "run.succeeded");
  });

  it("leaves the run to resume when the journal fails, and ends the calls in flight", async () => {
    const executor = createFakeExecutor((attempt, signal) =>
      attempt.nodeId === "a" ? untilAborted(signal) : SUCCEEDED,
    );
    const rig = createRig(executor, { onStall: "reject" });
    const run = await start(rig, workflowOf("a; b > c"));
    rig.journal.abandon();
    await assert.rejects(rig.until(run.ended), { code: "JOURNAL_FAILED" });
    assert.equal(executor.outstanding, 0);
  });
});

describe("preflight", () => {
  it("ends the run with its findings and no event of any node; resume tries again", async () => {
    let findings: readonly Finding[] = [FINDING];
    const executor: Executor = { ...createFakeExecutor(), preflight: async () => findings };
    const rig = createRig(executor);
    const workflow = workflowOf("a > b");
    const run = await start(rig, workflow, true);
    const end = await run.ended;
    assert.ok(end.type === "run.failed");
    assert.deepEqual([end.error?.code, end.error?.message], ["SERVICE_UNREACHABLE", FINDING.message]);
    assert.deepEqual(typesOf(await rig.runtime.events(run.runId)), ["run.created", "run.checked", "run.failed"]);
    findings = [];
    const resumed = await resume(rig, run.runId, { by: "test", preflight: { timeoutMs: 1, waitMs: 0 } });
    assert.deepEqual(resumed.reset, []);
    assert.equal((await resumed.ended).type, "run.succeeded");
    assert.deepEqual(
      checkHistory(await rig.runtime.events(run.runId), () => workflow),
      [],
    );
  });

  it("lets warnings pass, and tells of them", async () => {
    const executor: Executor = {
      ...createFakeExecutor(),
      preflight: async () => [{ ...FINDING, severity: "warning" }],
    };
    const rig = createRig(executor);
    const run = await start(rig, workflowOf("a"), true);
    assert.equal((await run.ended).type, "run.succeeded");
    assert.deepEqual((await rig.runtime.get(run.runId)).findings, [{ ...FINDING, severity: "warning" }]);
  });

  it("is given up when the run is cancelled meanwhile", async () => {
    const executor: Executor = {
      ...createFakeExecutor(),
      preflight: (_, __, signal) =>
        new Promise((__, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    };
    const rig = createRig(executor);
    const run = await start(rig, workflowOf("a > b"), true);
    void rig.runtime.request({ kind: "cancel", runId: run.runId, key: "k", by: "test" });
    assert.equal((await run.ended).type, "run.cancelled");
    assert.deepEqual(typesOf(await rig.runtime.events(run.runId)), [
      "run.created",
      "run.cancel_requested",
      "node.skipped a",
      "node.skipped b",
      "run.cancelled",
    ]);
  });

  it("asks only for services of nodes that have not settled", async () => {
    const asked: string[][] = [];
    let fail = true;
    const executor: Executor = {
      ...createFakeExecutor((attempt) =>
        attempt.nodeId === "b" && fail
          ? { outcome: "failed", error: { code: "CALL_INTERNAL", message: "x" } }
          : SUCCEEDED,
      ),
      preflight: async ({ services }) => {
        asked.push(services.map((service) => service.name));
        return [];
      },
    };
    const rig = createRig(executor);
    const workflow = workflowOf("a > b", {
      services: { one: "localhost:1", two: "localhost:2" },
      nodes: { a: { service: "one" }, b: { service: "two" } },
    });
    const run = await start(rig, workflow, true);
    await run.ended;
    fail = false;
    await (await resume(rig, run.runId, { by: "test", preflight: { timeoutMs: 1, waitMs: 0 } })).ended;
    assert.deepEqual(asked, [["one", "two"], ["two"]]);
  });
});

describe("time", () => {
  it("waits for a retry, and goes on waiting after a restart, clamped to the delay that was drawn", async () => {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor(() => UNAVAILABLE),
      { store },
    );
    const run = await start(first, workflowOf("a", { retry: { initialBackoffMs: 10_000, maxBackoffMs: 10_000 } }));
    await first.step();
    const failed = (await first.runtime.events(run.runId)).find((event) => event.type === "node.attempt_failed");
    const delay = failed?.retry_delay_ms ?? 0;
    assert.ok(delay >= 8000 && delay <= 12_000);
    first.journal.abandon();
    await first.runtime.close();

    const executor = createFakeExecutor();
    // A day earlier by its clock: the wait is the whole delay, not a day more.
    const second = createRig(executor, { store, clock: createSteppingClock(first.clock.now() - 86_400_000) });
    const resumed = await resume(second, run.runId, { by: "test" });
    await second.step(delay - 1);
    assert.equal(executor.attempts.length, 0);
    await second.step(1);
    assert.equal((await resumed.ended).type, "run.succeeded");
    assert.equal(executor.attempts[0]?.attempt, 2);
  });

  it("bounds attempts and waits of a node together by its total_timeout_seconds", async () => {
    const gates = [createGate<void>(), createGate<void>()];
    const executor = createFakeExecutor(async (attempt) => {
      await gates[attempt.attempt - 1]?.promise;
      return UNAVAILABLE;
    });
    const rig = createRig(executor);
    const workflow = workflowOf("a", {
      retry: { initialBackoffMs: 1000, backoffMultiplier: 1, maxBackoffMs: 1000, maxAttempts: 10 },
      nodes: { a: { totalTimeoutMs: 4000, timeoutMs: 3500 } },
    });
    const run = await start(rig, workflow);
    await rig.step(1500);
    gates[0]?.open();
    await rig.step(1200);
    assert.equal(executor.attempts.length, 2);
    const [first, second] = executor.attempts;
    assert.equal(first?.timeoutMs, 3500);
    assert.ok((second?.timeoutMs ?? 0) <= 1700, "the second attempt has what is left");
    await rig.step(900);
    gates[1]?.open();
    const end = await run.ended;
    assert.equal(end.type, "run.failed");
    assert.equal(executor.attempts.length, 2, "a wait that would pass the limit is not begun");
  });

  it("ends the whole run at its total_timeout_seconds: outstanding attempts time out, the rest is skipped", async () => {
    const rig = createRig(createFakeExecutor((_, signal) => untilAborted(signal)));
    const run = await start(rig, workflowOf("a > b; c", { totalTimeoutMs: 5000, onFailure: "continue" }));
    await rig.step(5000);
    const end = await run.ended;
    assert.ok(end.type === "run.failed");
    assert.equal(end.error?.code, "RUN_TIMED_OUT");
    const view = await rig.runtime.get(run.runId);
    assert.deepEqual(
      view.nodes.map((node) => [node.status, node.attempts[0]?.outcome]),
      [
        ["failed", "timed_out"],
        ["skipped", undefined],
        ["failed", "timed_out"],
      ],
    );
  });

  it("tries nothing again that fails in the moment when the run's time is over", async () => {
    const executor = createFakeExecutor((_, signal) => untilAborted(signal).then(() => UNAVAILABLE));
    const rig = createRig(executor);
    const run = await start(rig, workflowOf("a", { totalTimeoutMs: 1000 }));
    await rig.step(1000);
    const end = await Promise.race([run.ended, rig.step(60_000)]);
    assert.equal(end?.type === "run.failed" ? end.error?.code : end?.type, "RUN_TIMED_OUT");
    assert.equal(executor.attempts.length, 1);
  });

  it("bounds the wait for a slot as well, once the node has been tried", async () => {
    const held = createGate<typeof SUCCEEDED>();
    const executor = createFakeExecutor((attempt) => (attempt.nodeId === "long" ? held.promise : UNAVAILABLE));
    const rig = createRig(executor);
    const workflow = workflowOf("short; long", {
      onFailure: "continue",
      services: { one: { address: "localhost:1", maxConcurrency: 1 } },
      retry: { initialBackoffMs: 100, maxBackoffMs: 100, maxAttempts: 10 },
      nodes: { short: { totalTimeoutMs: 2000 } },
    });
    const run = await start(rig, workflow);
    // `short` fails and waits; `long` gets the slot and keeps it.
    await rig.step(150);
    await rig.step(1900);
    const view = await rig.runtime.get(run.runId);
    assert.deepEqual(
      view.nodes.map((node) => node.status),
      ["failed", "running"],
    );
    held.open(SUCCEEDED);
    assert.equal((await run.ended).type, "run.failed");
  });

  it("says that no service had been called when the run's time is over during preflight", async () => {
    const executor: Executor = { ...createFakeExecutor(), preflight: () => new Promise(() => undefined) };
    const rig = createRig(executor);
    const run = await start(rig, workflowOf("a", { totalTimeoutMs: 5000 }), true);
    await rig.step(5000);
    const end = await run.ended;
    assert.ok(end.type === "run.failed");
    assert.equal(end.error?.code, "SERVICE_CHECK_TIMED_OUT");
  });

  it("leaves no timer behind when the run ends", async () => {
    const rig = createRig(createFakeExecutor());
    await (await start(rig, workflowOf("a", { totalTimeoutMs: 5000 }))).ended;
    await rig.step();
    assert.equal(rig.clock.pending(), 0);
  });
});

describe("what is recorded", () => {
  it("masks secrets in what services say", async () => {
    const secrets = createSecrets((name) => (name === "TOKEN" ? "s3cret-value" : undefined));
    secrets.read("TOKEN");
    const executor = createFakeExecutor((attempt) =>
      attempt.nodeId === "a"
        ? { outcome: "succeeded", output: { message: "used s3cret-value" } }
        : { outcome: "failed", error: { code: "CALL_INTERNAL", message: "bad token s3cret-value" } },
    );
    const rig = createRig(executor, { secrets });
    const run = await start(rig, workflowOf("a > b"));
    await run.ended;
    const text = JSON.stringify(await rig.runtime.events(run.runId));
    assert.ok(!text.includes("s3cret-value"));
    assert.ok(text.includes("used ***") && text.includes("bad token ***"));
  });

  it("fails a node whose output is too large to record, and goes on", async () => {
    const rig = createRig(createFakeExecutor(() => ({ outcome: "succeeded", output: "x".repeat(100_000) })));
    const run = await start(rig, workflowOf("a"));
    assert.equal((await run.ended).type, "run.failed");
    const view = await rig.runtime.get(run.runId);
    assert.equal(view.nodes[0]?.error?.code, "EVENT_TOO_LARGE");
  });

  it("masks secrets that read otherwise in JSON, or look like JSON", async () => {
    const values: { readonly [name: string]: string } = { A: "\\abcdef", B: 'quo"ted', C: "123456" };
    const secrets = createSecrets((name) => values[name]);
    for (const name of Object.keys(values)) secrets.read(name);
    const message = Object.values(values).join(" ");
    const rig = createRig(
      createFakeExecutor(({ nodeId }) =>
        nodeId === "a"
          ? { outcome: "succeeded", output: { message, bytes: 123456 } }
          : { outcome: "failed", error: { code: "CALL_INTERNAL", message, details: { message } } },
      ),
      { secrets },
    );
    const run = await start(rig, workflowOf("a > b"));
    await run.ended;
    const { nodes } = await rig.runtime.get(run.runId);
    assert.deepEqual(nodes[0]?.output, { message: "*** *** ***", bytes: 123456 });
    assert.equal(nodes[1]?.error?.message, "*** *** ***");
    assert.deepEqual(nodes[1]?.error?.details, { message: "*** *** ***" });
  });

  it("counts bytes, not characters, and cuts an error that is too large to record", async () => {
    const long = "€".repeat(30_000);
    const rig = createRig(
      createFakeExecutor(({ nodeId }) =>
        nodeId === "a"
          ? { outcome: "succeeded", output: { message: long } }
          : { outcome: "failed", error: { code: "CALL_INTERNAL", message: long, details: { long } } },
      ),
    );
    const run = await start(rig, workflowOf("a; b"));
    assert.equal((await run.ended).type, "run.failed");
    const { nodes } = await rig.runtime.get(run.runId);
    assert.equal(nodes[0]?.error?.code, "EVENT_TOO_LARGE");
    assert.match(nodes[1]?.error?.message ?? "", /^€+…\[\+\d+ bytes\]$/);
  });

  it("takes a throw of an executor for a failed attempt (X2)", async () => {
    const boom = (): never => {
      throw new Error("boom");
    };
    for (const executor of [createFakeExecutor(async () => boom()), { execute: boom }]) {
      const rig = createRig(executor);
      const run = await start(rig, workflowOf("a"));
      assert.equal((await run.ended).type, "run.failed");
      assert.equal((await rig.runtime.get(run.runId)).nodes[0]?.error?.code, "INTERNAL");
    }
  });

  it("takes a cancellation that nobody here asked for as a failure", async () => {
    const rig = createRig(
      createFakeExecutor(() => ({ outcome: "cancelled", error: { code: "CALL_CANCELLED_BY_SERVICE", message: "x" } })),
    );
    const run = await start(rig, workflowOf("a"));
    assert.equal((await run.ended).type, "run.failed");
    assert.equal((await rig.runtime.get(run.runId)).nodes[0]?.attempts[0]?.outcome, "failed");
  });
});

describe("recover (X4)", () => {
  async function orphan(workflow: Workflow) {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    const run = await start(first, workflow);
    first.journal.abandon();
    await first.runtime.close();
    return { store, runId: run.runId };
  }

  it("takes the outcome of an attempt that went on without us, and makes no second", async () => {
    const { store, runId } = await orphan(workflowOf("a > b"));
    const fake = createFakeExecutor();
    const gate = createGate<typeof SUCCEEDED>();
    const executor: Executor = {
      ...fake,
      execute: fake.execute,
      recover: async () => ({ found: "running", outcome: gate.promise }),
    };
    const second = createRig(executor, { store });
    const resumed = await resume(second, runId, { by: "test" });
    gate.open(SUCCEEDED);
    assert.equal((await resumed.ended).type, "run.succeeded");
    assert.deepEqual(
      fake.attempts.map((attempt) => attempt.nodeId),
      ["b"],
    );
  });

  it("records an attempt as lost only when its executor says it is gone", async () => {
    const { store, runId } = await orphan(workflowOf("a"));
    const fake = createFakeExecutor();
    const executor: Executor = { ...fake, execute: fake.execute, recover: async () => ({ found: "gone" }) };
    const second = createRig(executor, { store });
    const resumed = await resume(second, runId, { by: "test" });
    assert.equal((await resumed.ended).type, "run.succeeded");
    assert.deepEqual(
      fake.attempts.map((attempt) => `${attempt.attempt} ${attempt.idempotencyKey}`),
      [`2 ${runId}/a/1`],
    );
  });

  it("starts nothing and asks after nothing before what else is at work has ended (X7)", async () => {
    const { store, runId } = await orphan(workflowOf("a > b; c > b", { maxParallel: 1 }));
    const fake = createFakeExecutor();
    const gate = createGate<void>();
    const said: string[] = [];
    const executor: Executor = {
      ...fake,
      execute(attempt, signal) {
        said.push(`execute ${attempt.nodeId}`);
        return fake.execute(attempt, signal);
      },
      async recover({ nodeId }) {
        said.push(`recover ${nodeId}`);
        return { found: "gone" };
      },
      async sweep(id, outstanding) {
        said.push(`sweep ${id === runId} ${outstanding.map((key) => `${key.nodeId}#${key.attempt}`).join(" ")}`);
        await gate.promise;
      },
    };
    const second = createRig(executor, { store });
    const resumed = await resume(second, runId, { by: "test" });
    await second.step();
    assert.deepEqual(said, ["sweep true a#1"]);
    gate.open();
    await resumed.ended;
    assert.deepEqual(said, ["sweep true a#1", "recover a", "execute a", "execute c", "execute b"]);
  });

  it("sweeps also where an interrupted run is cancelled, and not for a new run", async () => {
    const { store, runId } = await orphan(workflowOf("a"));
    const swept: string[] = [];
    const executor: Executor = {
      ...createFakeExecutor(),
      recover: async () => ({ found: "gone" }),
      async sweep(id) {
        swept.push(id);
      },
    };
    const second = createRig(executor, { store });
    await second.runtime.request({ runId, kind: "cancel", key: "k", by: "test" });
    assert.deepEqual(swept, [runId]);
    const other = await start(createRig(executor), workflowOf("a"));
    await other.ended;
    assert.deepEqual(swept, [runId]);
  });
});

describe("release (X6)", () => {
  it("comes once for each attempt, and only when its outcome is durable", async () => {
    const released: string[] = [];
    const fake = createFakeExecutor(({ attempt }) => (attempt === 1 ? UNAVAILABLE : SUCCEEDED));
    const rig = createRig({
      ...fake,
      execute: fake.execute,
      release({ nodeId, attempt }) {
        const durable = rig.appends
          .flat()
          .some((event) => "attempt" in event && event.type !== "node.started" && event.attempt === attempt);
        released.push(`${nodeId}#${attempt} ${durable ? "durable" : "too early"}`);
      },
    });
    const run = await start(rig, workflowOf("a"));
    await rig.step();
    await rig.step(60_000);
    await run.ended;
    assert.deepEqual(released, ["a#1 durable", "a#2 durable"]);
  });
});

describe("a text that two files have", () => {
  it("is read from the file that the run was created with", async () => {
    const tls = { caFile: "ca.pem" };
    const workflow = workflowOf("a", { services: { service: { address: "localhost:1", tls } } });
    const used: unknown[] = [];
    const rig = createRig(
      createFakeExecutor(({ service }) => {
        used.push(service?.tls?.caFile);
        return { outcome: "failed", error: { code: "CALL_INTERNAL", message: "x" } };
      }),
    );
    for (const file of ["/one/w.json", "/two/w.json"]) {
      const run = await start(rig, { ...workflow, definition: { ...workflow.definition, file } });
      await run.ended;
      await (await resume(rig, run.runId, { by: "test" })).ended;
    }
    assert.deepEqual(used, ["/one/ca.pem", "/one/ca.pem", "/two/ca.pem", "/two/ca.pem"]);
  });
});

describe("two who want the same run", () => {
  /** A run with one call, left by its owner. */
  async function leftRun() {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    const run = await start(first, workflowOf("a"));
    first.journal.abandon();
    await first.runtime.close();
    const executor = createFakeExecutor((_, signal) => untilAborted(signal));
    return { runId: run.runId, executor, rig: createRig(executor, { store }) };
  }

  it("gives it to one of two that resume it here at once, and keeps hold of that one", async () => {
    const { runId, executor, rig } = await leftRun();
    const resumes = await Promise.allSettled(["1", "2"].map((by) => resume(rig, runId, { by })));
    const [won, lost] = resumes;
    assert.ok(won?.status === "fulfilled" && lost?.status === "rejected");
    assert.equal(lost.reason.code, "RUN_OWNED");
    const answer = rig.runtime.request({ runId, kind: "cancel", key: "k", by: "test" });
    assert.equal((await won.value.ended).type, "run.cancelled");
    await rig.step(200);
    assert.equal((await answer).kind, "applied");
    assert.equal(executor.outstanding, 0);
    assert.deepEqual(checkHistory(await rig.runtime.events(runId)), []);
  });

  it("takes it over once for two that cancel it here at once", async () => {
    const { runId, rig } = await leftRun();
    const asked = ["k", "l"].map((key) => rig.runtime.request({ runId, kind: "cancel", key, by: "test" }));
    for (let turn = 0; turn < 3; turn += 1) await rig.step(200);
    for (const answer of await Promise.all(asked)) assert.ok(answer.kind === "applied" || answer.kind === "refused");
    assert.equal((await rig.runtime.get(runId)).status, "cancelled");
  });
});

describe("resume with a changed file", () => {
  const failB = createFakeExecutor((attempt) =>
    attempt.nodeId === "b" ? { outcome: "failed", error: { code: "CALL_INTERNAL", message: "x" } } : SUCCEEDED,
  );

  it("takes it if the nodes that succeeded are unchanged, and keeps both definitions", async () => {
    const rig = createRig(failB);
    const before = workflowOf("a > b > c");
    const run = await start(rig, before);
    await run.ended;
    const changed = workflowOf("a > b2 > c");
    const resumed = await resume(rig, run.runId, { by: "test", definition: changed.definition });
    assert.equal((await resumed.ended).type, "run.succeeded");
    const view = await rig.runtime.get(run.runId);
    assert.deepEqual(
      view.nodes.map((node) => `${node.id} ${node.status}`),
      ["a succeeded", "b2 succeeded", "c succeeded"],
    );
    assert.equal(view.definition_hash, changed.definition.hash);
    const workflows = [before, changed];
    const workflowOfHash = (hash: string) => workflows.find((workflow) => workflow.definition.hash === hash);
    assert.deepEqual(checkHistory(await rig.runtime.events(run.runId), workflowOfHash), []);
  });

  for (const [how, outcome] of [
    ["waits for a retry", () => UNAVAILABLE],
    ["was lost", (signal: AbortSignal) => untilAborted(signal)],
  ] as const) {
    it(`begins a node anew that it changes and that ${how}: new upstream first (E1), and a new key`, async () => {
      const store = createMemoryStore();
      const before = workflowOf("a > b; a > z");
      const first = createRig(
        createFakeExecutor(({ nodeId }, signal) => (nodeId === "a" ? SUCCEEDED : outcome(signal))),
        { store },
      );
      const run = await start(first, before);
      await first.step();
      first.journal.abandon();
      await first.runtime.close();
      const gate = createGate<typeof SUCCEEDED>();
      const executor = createFakeExecutor(({ nodeId }) => (nodeId === "c" ? gate.promise : SUCCEEDED));
      const second = createRig(executor, { store });
      const changed = workflowOf("a, c > b; a > z", { nodes: { b: { inputFile: "/other" } } });
      const resumed = await resume(second, run.runId, { by: "test", definition: changed.definition });
      assert.deepEqual(resumed.reset, ["b"]);
      await second.step(60_000);
      assert.ok(!executor.attempts.some(({ nodeId }) => nodeId === "b"));
      gate.open(SUCCEEDED);
      assert.equal((await resumed.ended).type, "run.succeeded");
      const keys = executor.attempts.map(({ attempt, idempotencyKey }) => `${attempt} ${idempotencyKey}`).sort();
      assert.deepEqual(keys, [`1 ${run.runId}/c/1`, `2 ${run.runId}/b/2`, `2 ${run.runId}/z/1`]);
      const workflowOfHash = (hash: string) => [before, changed].find(({ definition }) => definition.hash === hash);
      assert.deepEqual(checkHistory(await second.runtime.events(run.runId), workflowOfHash), []);
    });
  }

  it("gives new params their defaults, now and when the run is read again, and refuses those without", async () => {
    const inputFile = [{ scope: "params", name: "dir" }, "/x"] as const;
    const declaring = (extra: { readonly default?: string }) =>
      workflowOf("a > b", { params: [{ name: "dir", type: "string", ...extra }], nodes: { b: { inputFile } } });
    const rig = createRig(failB);
    const run = await start(rig, workflowOf("a > b"));
    await run.ended;
    const resumeWith = ({ definition }: Workflow) => resume(rig, run.runId, { definition });
    await assert.rejects(resumeWith(declaring({})), { code: "PARAM_MISSING" });
    await (await resumeWith(declaring({ default: "/data" }))).ended;
    await (await resume(rig, run.runId, { by: "test" })).ended;
    const requests = (await rig.runtime.events(run.runId)).flatMap((event) =>
      event.type === "node.started" && event.node_id === "b" ? [JSON.stringify(event.request)] : [],
    );
    assert.deepEqual(
      requests.map((request) => request.includes("/data/x")),
      [false, true, true],
    );
  });

  it("refuses it otherwise, and names the differences", async () => {
    const rig = createRig(failB);
    const run = await start(rig, workflowOf("a > b > c"));
    await run.ended;
    const changed = workflowOf("a > b > c", { nodes: { a: { inputFile: "/other" } } });
    await assert.rejects(
      resume(rig, run.runId, { by: "test", definition: changed.definition }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "RESUME_FILE_DIFFERS");
        assert.match(error.message, /\ba\b/);
        return true;
      },
    );
  });
});

describe("requests", () => {
  it("refuses, and records so, a kind that only a later version knows", async () => {
    const store = createMemoryStore();
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(
      createFakeExecutor(() => gate.promise),
      { store },
    );
    const run = await start(rig, workflowOf("a"));
    const asker = openMemoryJournal(store);
    const later = { runId: run.runId, kind: "approve", key: "k", by: "later", at: "2025-01-01T00:00:00.000Z" };
    await asker.addRequest(later as unknown as NewRequest);
    await rig.step(200);
    const [request] = await asker.readRequests(run.runId);
    assert.ok(request?.answer?.kind === "refused");
    assert.equal(request.answer.error.code, "REQUEST_UNKNOWN");
    gate.open(SUCCEEDED);
    assert.equal((await run.ended).type, "run.succeeded");
  });

  it("answers with the run's end what came after the last look", async () => {
    const store = createMemoryStore();
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(
      createFakeExecutor(() => gate.promise),
      { store },
    );
    const run = await start(rig, workflowOf("a"));
    const asker = openMemoryJournal(store);
    await asker.addRequest({ runId: run.runId, kind: "cancel", key: "k", by: "late", at: "2025-01-01T00:00:00.000Z" });
    gate.open(SUCCEEDED);
    assert.equal((await run.ended).type, "run.succeeded");
    const [request] = await asker.readRequests(run.runId);
    assert.ok(request?.answer?.kind === "refused");
    assert.equal(request.answer.error.code, "RUN_ALREADY_ENDED");
  });

  it("refuses one that was left unanswered when the run is resumed", async () => {
    const store = createMemoryStore();
    const first = createRig(
      createFakeExecutor((_, signal) => untilAborted(signal)),
      { store },
    );
    const run = await start(first, workflowOf("a"));
    first.journal.abandon();
    await first.runtime.close();
    const asker = openMemoryJournal(store);
    await asker.addRequest({ runId: run.runId, kind: "cancel", key: "k", by: "test", at: "2025-01-01T00:00:00.000Z" });
    const second = createRig(createFakeExecutor(), { store });
    const resumed = await resume(second, run.runId, { by: "test" });
    assert.equal((await resumed.ended).type, "run.succeeded");
    const [request] = await asker.readRequests(run.runId);
    assert.ok(request?.answer?.kind === "refused");
    assert.equal(request.answer.error.code, "REQUEST_SUPERSEDED");
  });

  it("answers a second cancel as the first", async () => {
    const gate = createGate<typeof SUCCEEDED>();
    const rig = createRig(createFakeExecutor(() => gate.promise));
    const run = await start(rig, workflowOf("a"));
    const answers = ["k", "l"].map((key) => rig.runtime.request({ kind: "cancel", runId: run.runId, key, by: "test" }));
    await rig.step(200);
    gate.open(SUCCEEDED);
    assert.equal((await run.ended).type, "run.succeeded");
    await rig.step(200);
    assert.deepEqual(
      (await Promise.all(answers)).map((answer) => answer.kind),
      ["applied", "applied"],
    );
  });
});
