// What programs that embed Busbar do wrong, or have done to them: each has its kind, and none of it hangs a run.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type Busbar,
  type BusbarOptions,
  type DefinitionText,
  type Executor,
  openBusbar,
  openRunReader,
  type RunEvent,
  type StartInput,
} from "../src/index.ts";
import { createGate } from "../src/testing/fake-executor.ts";
import { createFakeExecutor, untilAborted, workflowOf } from "../src/testing/index.ts";
import { createRig, start } from "../src/testing/runtime-rig.ts";

let folder: string;
let opened: Busbar[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-embed-"));
  opened = [];
});
afterEach(async () => {
  for (const busbar of opened) await busbar.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<BusbarOptions> = {}): Promise<Busbar> {
  const executors = { grpc: createFakeExecutor() };
  const busbar = await openBusbar({ stateDir: join(folder, "state"), executors, ...options });
  opened.push(busbar);
  return busbar;
}

const { format, text } = workflowOf("a > b").definition;
const definition: DefinitionText = { format, text };

describe("a program that embeds Busbar", () => {
  it("starts a run, watches it, waits for its end, and looks at it, also without owning anything", async () => {
    const busbar = await open();
    const { runId } = await busbar.start({ definition });
    const seen: string[] = [];
    for await (const { type } of busbar.watch(runId)) seen.push(type);
    assert.deepEqual([seen[0], seen.at(-1)], ["run.created", "run.succeeded"]);
    assert.equal((await busbar.wait(runId)).type, "run.succeeded");
    const reader = openRunReader({ stateDir: join(folder, "state") });
    assert.deepEqual(await reader.get(runId), await busbar.get(runId));
    assert.equal((await reader.list()).runs.length, 1);
    await reader.close();
  });

  it("cancels a run of its own, and one of another process", async () => {
    const executors = { grpc: createFakeExecutor((_, signal) => untilAborted(signal)) };
    const first = await open({ executors });
    const second = await open();
    for (const [runId, canceller] of [
      ["r1", first],
      ["r2", second],
    ] as const) {
      await first.start({ definition, runId });
      assert.equal((await canceller.cancel(runId, { reason: "enough", by: "test" })).kind, "applied");
      assert.equal((await canceller.wait(runId)).type, "run.cancelled");
      const asked = (await second.events(runId)).find(({ type }) => type === "run.cancel_requested");
      assert.deepEqual(asked?.type === "run.cancel_requested" && [asked.by, asked.reason], ["test", "enough"]);
      await assert.rejects(canceller.cancel(runId), { code: "RUN_ALREADY_ENDED" });
    }
  });

  it("pauses a run of another process, lets it go on, each time anew, and makes another of it", async () => {
    const gate = createGate<void>();
    const first = await open({
      executors: {
        grpc: createFakeExecutor(async () => {
          await gate.promise;
          return { outcome: "succeeded", output: null };
        }),
      },
    });
    const second = await open();
    const { runId } = await first.start({ definition });
    const paused = await second.pause(runId, { by: "ada" });
    assert.deepEqual(await second.pause(runId), paused);
    gate.open();
    assert.equal((await second.get(runId)).paused, true);
    assert.equal((await second.unpause(runId, { by: "ada" })).kind, "applied");
    assert.equal((await first.wait(runId)).type, "run.succeeded");
    const by = (await first.events(runId)).flatMap((event) =>
      event.type === "run.paused" || event.type === "run.unpaused" ? [`${event.type} ${event.by}`] : [],
    );
    assert.deepEqual(by, ["run.paused ada", "run.unpaused ada"]);
    const again = await second.rerun(runId, { from: ["b"] });
    assert.deepEqual(again.kept, ["a"]);
    assert.equal((await second.wait(again.runId)).type, "run.succeeded");
  });

  it("checks what a run would need without making one", async () => {
    const finding = { severity: "error", code: "SERVICE_UNREACHABLE", message: "nobody is there" } as const;
    const asked: string[] = [];
    const grpc: Executor = {
      ...createFakeExecutor(),
      async preflight({ services }, { timeoutMs, waitMs }) {
        asked.push(`${services.map(({ name }) => name)} ${timeoutMs} ${waitMs}`);
        return [finding];
      },
    };
    const busbar = await open({ executors: { grpc } });
    assert.deepEqual(await busbar.check({ definition }, { timeoutMs: 7 }), [finding]);
    assert.deepEqual(asked, ["service 7 0"]);
    assert.deepEqual((await busbar.list()).runs, []);
    await assert.rejects(busbar.check({ definition, params: { p: 1 } }), { code: "PARAM_UNKNOWN" });
    await assert.rejects(busbar.check({ definition }, { signal: AbortSignal.abort() }), { name: "AbortError" });
  });

  it("is refused a start after it has closed", async () => {
    const busbar = await open();
    await busbar.close();
    await assert.rejects(busbar.start({ definition }), { code: "RUN_LEFT" });
    await assert.rejects(busbar.resume("r1", { by: "test" }), { code: "RUN_LEFT" });
    await busbar.close();
  });

  it("leaves what it drives interrupted when it closes, and takes it up again", async () => {
    const hangs = await open({ executors: { grpc: createFakeExecutor((_, signal) => untilAborted(signal)) } });
    const { runId } = await hangs.start({ definition });
    const left = assert.rejects(hangs.wait(runId), { code: "RUN_LEFT" });
    await hangs.close();
    await left;
    const busbar = await open();
    const { runs } = await busbar.list({ interrupted: true });
    assert.deepEqual(
      runs.map(({ run_id }) => run_id),
      [runId],
    );
    assert.equal((await busbar.resume(runId, { by: "test" })).from, "interrupted");
    assert.equal((await busbar.wait(runId)).type, "run.succeeded");
  });
});

describe("an observer", () => {
  it("that throws or rejects is told of, and the run goes on, for the others too", async () => {
    const troubles: unknown[] = [];
    const seen: RunEvent[] = [];
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    const busbar = await open({
      observers: [
        () => {
          throw thrown;
        },
        async () => {
          throw rejected;
        },
        (events) => {
          seen.push(...events);
        },
      ],
      onTrouble: (trouble) => troubles.push(trouble),
    });
    const { runId } = await busbar.start({ definition });
    assert.equal((await busbar.wait(runId)).type, "run.succeeded");
    assert.deepEqual(seen, await busbar.events(runId));
    assert.ok(troubles.includes(thrown) && troubles.includes(rejected), String(troubles));
  });
});

describe("an executor that breaks its promise (X2)", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  /** What it answers, and how the failure names that. */
  const BROKEN: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /undefined instead of an outcome/],
    ["done", /"done" instead of an outcome/],
    [{ outcome: "fine" }, /the outcome "fine", which is none of succeeded, failed/],
    [{ outcome: "failed" }, /failed without an error/],
    [{ outcome: "failed", error: { code: "X" } }, /without a message/],
    [{ outcome: "succeeded" }, /output/],
    [{ outcome: "succeeded", output: { big: 10n } }, /output\.big.*BigInt/i],
    [{ outcome: "succeeded", output: circular }, /output\.self.*(circ|itself)/i],
    [{ outcome: "succeeded", output: { list: [1, Number.NaN] } }, /output\.list\[1\].*NaN/],
  ];
  for (const [answer, names] of BROKEN) {
    it(`fails the attempt with INTERNAL and names the problem: ${names.source}`, async () => {
      const grpc = { execute: async () => answer } as unknown as Executor;
      const busbar = await open({ executors: { grpc } });
      const { runId } = await busbar.start({ definition });
      assert.equal((await busbar.wait(runId)).type, "run.failed");
      const [node] = (await busbar.get(runId)).nodes;
      assert.equal(node?.error?.code, "INTERNAL");
      assert.match(node?.error?.message ?? "", names);
      assert.match(node?.error?.message ?? "", /the grpc executor/);
    });
  }

  it("does not hang a run that it ignores the abort of: the run is left interrupted, and says so (X3)", async () => {
    const rig = createRig(createFakeExecutor(() => new Promise(() => undefined)));
    const { runId, ended } = await start(rig, workflowOf("a"));
    await rig.step();
    void rig.runtime.request({ runId, kind: "cancel", key: "k", by: "test" });
    await rig.step(200);
    // A bound, not a wait of this test: the clock moves only when it is told to.
    await rig.step(60_000);
    await rig.step(60_000);
    await assert.rejects(ended, { code: "INTERNAL", message: /did not end attempt 1 of a .*left interrupted/ });
    await assert.rejects(rig.runtime.wait(runId), { code: "INTERNAL" });
    assert.equal((await rig.runtime.get(runId)).status, "running");
    const closing = rig.runtime.close();
    await rig.step(60_000);
    await closing;
  });
});

describe("wrong arguments of a Busbar", () => {
  /** The name of the argument that is at fault, and the call. */
  const WRONG: { readonly [name: string]: (busbar: Busbar) => unknown } = {
    input: (busbar) => busbar.start(undefined as never),
    "input.definition": (busbar) => busbar.start({} as never),
    "input.definition of a text": (busbar) => busbar.start({ definition: text as never }),
    "input.definition.format": (busbar) => busbar.start({ definition: { text } as never }),
    "input.definition.text": (busbar) => busbar.start({ definition: { format, text: Buffer.from(text) as never } }),
    "input.params": (busbar) => busbar.start({ definition, params: ["x"] as never }),
    "input.runId": (busbar) => busbar.start({ definition, runId: 7 as never }),
    "input.priority": (busbar) => busbar.start({ definition, priority: 101 }),
    "input.idempotency": (busbar) => busbar.start({ definition, idempotency: "key" as never }),
    "input.idempotency.key": (busbar) => busbar.start({ definition, idempotency: { key: "", hash: "h" } }),
    "input.idempotency.hash": (busbar) => busbar.start({ definition, idempotency: { key: "k" } as never }),
    key: (busbar) => busbar.findByKey(7 as never),
    "filter.text": (busbar) => busbar.list({ text: 5 as never }),
    "filter.createdBefore": (busbar) => busbar.list({ createdBefore: "yesterday" }),
    "filter.endedSince": (busbar) => busbar.list({ endedSince: "today" }),
    "filter.origin": (busbar) => busbar.list({ origin: "somebody" as never }),
    "options.priority": (busbar) => busbar.rerun("r1", { priority: 0.5 }),
    "input.preflight.timeoutMs": (busbar) =>
      busbar.start({ definition, preflight: { timeoutMs: Number.NaN, waitMs: 0 } }),
    "input.preflight.waitMs": (busbar) => busbar.start({ definition, preflight: { timeoutMs: 1 } as never }),
    runId: (busbar) => busbar.get(7 as never),
    "runId of a cancel": (busbar) => busbar.cancel(undefined as never),
    "options.by": (busbar) => busbar.resume("r1", {} as never),
    "options.definition": (busbar) => busbar.resume("r1", { by: "b", definition: text as never }),
    "options.signal": (busbar) => busbar.wait("r1", { signal: new AbortController() as never }),
    "options.signal of a watch": (busbar) => busbar.watch("r1", { signal: {} as never }),
    "options.afterSeq": (busbar) => busbar.watch("r1", { afterSeq: -1 }),
    afterSeq: (busbar) => busbar.events("r1", Number.NaN),
    limit: (busbar) => busbar.events("r1", 0, 0),
    "options.after": (busbar) => busbar.feed({ after: 7 as never }),
    "options.follow": (busbar) => busbar.feed({ follow: "yes" as never }),
    "options.signal of a feed": (busbar) => busbar.feed({ signal: {} as never }),
    "filter.status": (busbar) => busbar.list({ status: "done" as never }),
    "filter.limit": (busbar) => busbar.list({ limit: 0.5 }),
    "filter.attempt": (busbar) => busbar.logs("r1", { attempt: 0 }),
    "input.kind": (busbar) => busbar.request({ runId: "r1", kind: "stop" as never, key: "k", by: "b" }),
    "input.key": (busbar) => busbar.request({ runId: "r1", kind: "cancel", by: "b" } as never),
    "input.until": (busbar) => busbar.request({ runId: "r1", kind: "cancel", key: "k", by: "b", until: "x" as never }),
    "runId of a rerun": (busbar) => busbar.rerun(7 as never),
    "options.from": (busbar) => busbar.rerun("r1", { from: "a" as never }),
    "options.from[0]": (busbar) => busbar.rerun("r1", { from: [7 as never] }),
    "options.params": (busbar) => busbar.rerun("r1", { params: ["x"] as never }),
    "options.runId": (busbar) => busbar.rerun("r1", { runId: 7 as never }),
    "runId of a pause": (busbar) => busbar.pause(undefined as never),
    "options.by of an unpause": (busbar) => busbar.unpause("r1", { by: 3 as never }),
    "options.recovery": (busbar) => busbar.resume("r1", { by: "b", recovery: 1 as never }),
    "options.definition of a recovery": (busbar) => busbar.resume("r1", { by: "b", recovery: true, definition }),
    "options.reason": (busbar) => busbar.cancel("r1", { reason: 3 as never }),
    "options.timeoutMs": (busbar) => busbar.check({ definition }, { timeoutMs: Number.NaN }),
    "input.definition of a check": (busbar) => busbar.check({ definition: text as never }),
    path: (busbar) => busbar.readWorkflow(7 as never),
    "options.graceMs": (busbar) => busbar.close({ graceMs: -1 }),
  };

  it("are USAGE, by the name of the argument, and nothing is made of them", async () => {
    const busbar = await open();
    for (const [name, call] of Object.entries(WRONG)) {
      const argument = name.split(" ")[0] ?? "";
      await assert.rejects(
        async () => call(busbar),
        ({ code, message }: { readonly code: unknown; readonly message: string }) =>
          code === "USAGE" && message.startsWith(`${argument} must be `),
        name,
      );
    }
    assert.deepEqual((await busbar.list()).runs, []);
  });

  /** A field that no function reads, of each object that one takes. */
  const UNKNOWN: { readonly [name: string]: (busbar: Busbar, nope: never) => unknown } = {
    input: (busbar, nope) => busbar.start({ definition, ...(nope as object) }),
    "input.preflight": (busbar, nope) => busbar.start({ definition, preflight: nope }),
    "input.idempotency": (busbar, nope) => busbar.start({ definition, idempotency: nope }),
    "input.audit": (busbar, nope) => busbar.start({ definition, audit: nope }),
    "options of a resume": (busbar, nope) => busbar.resume("r1", { by: "b", ...(nope as object) }),
    "options of a rerun": (busbar, nope) => busbar.rerun("r1", nope),
    "input of a request": (busbar, nope) =>
      busbar.request({ runId: "r1", kind: "cancel", key: "k", by: "b", ...(nope as object) }),
    "options of a pause": (busbar, nope) => busbar.pause("r1", nope),
    "options of an unpause": (busbar, nope) => busbar.unpause("r1", nope),
    "options of a cancel": (busbar, nope) => busbar.cancel("r1", nope),
    "input of a check": (busbar, nope) => busbar.check({ definition, ...(nope as object) }),
    "options of a check": (busbar, nope) => busbar.check({ definition }, nope),
    filter: (busbar, nope) => busbar.list(nope),
    "options of a watch": (busbar, nope) => busbar.watch("r1", nope),
    "options of a feed": (busbar, nope) => busbar.feed(nope),
    "options of a wait": (busbar, nope) => busbar.wait("r1", nope),
    "filter of logs": (busbar, nope) => busbar.logs("r1", nope),
    "options of a close": (busbar, nope) => busbar.close(nope),
  };

  it("are fields that nobody reads, in whatever object", async () => {
    const busbar = await open();
    for (const [name, call] of Object.entries(UNKNOWN)) {
      const words = `${name.split(" ")[0]} must have no timeOutMs; known are `;
      await assert.rejects(
        async () => call(busbar, { timeOutMs: 5 } as never),
        ({ code, message }: { readonly code: unknown; readonly message: string }) =>
          code === "USAGE" && message.startsWith(words),
        name,
      );
    }
    assert.deepEqual((await busbar.list()).runs, []);
  });

  it("are a Map of params, a promise of them, and the name of no run", async () => {
    const busbar = await open();
    for (const params of [new Map([["p", "x"]]), Promise.resolve({ p: "x" })]) {
      await assert.rejects(busbar.start({ definition, params: params as never }), { code: "USAGE" });
    }
    await busbar.wait((await busbar.start({ definition })).runId);
    await assert.rejects(busbar.resolve(""), { code: "USAGE" });
  });

  it("include what only the workflow knows: a param of another type, a run id that is none", async () => {
    const busbar = await open();
    const start = (more: Partial<StartInput>) => busbar.start({ definition, ...more });
    await assert.rejects(start({ params: { p: 1 } }), { code: "PARAM_UNKNOWN" });
    await assert.rejects(start({ runId: "../x" }), { code: "RUN_ID_INVALID" });
    await assert.rejects(start({ definition: { format: "json", text: "{}" } }), { code: /^WORKFLOW_/ });
  });
});
