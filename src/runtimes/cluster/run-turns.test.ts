// The queue of a server whose runs are driven elsewhere: what it does follows from how their heads read.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AdmitInput, StoredHead, StoredQueue } from "../../adapters/restate/wire.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { summaryWith } from "../../testing/journal-runs.ts";
import { workflowOf } from "../../testing/workflow-of.ts";
import type { Concurrency } from "../../workflow/model/concurrency.ts";
import { createRunTurns } from "./run-turns.ts";

interface Standing {
  readonly status?: "pending" | "running" | "succeeded";
  readonly queue?: StoredQueue;
  readonly createdAt?: string;
  readonly priority?: number;
  readonly epoch?: number;
}

function headOf(runId: string, { status = "running", queue, createdAt, priority, epoch = 1 }: Standing): StoredHead {
  const summary = summaryWith(status);
  return {
    definitionHash: "",
    summary: createdAt === undefined ? summary : { ...summary, created_at: createdAt },
    ...{ lastSeq: 1, epoch, pages: 0, tail: [], invocation: `inv_${runId}`, token: "t", drivenSince: "" },
    origin: "server",
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
  };
}

const WAITS = { asks: 1, waits: true } as const;

/** A queue, and the heads of a cluster as the test writes them. */
function createRig(maxRuns: number, before: Readonly<Record<string, Standing>> = {}, left: readonly string[] = []) {
  const clock = createSteppingClock();
  const heads = new Map(Object.entries(before).map(([runId, standing]) => [runId, headOf(runId, standing)]));
  const gone = new Set(left);
  const admitted: string[] = [];
  const displaced: string[] = [];
  const troubles: unknown[] = [];
  let isAway = false;
  let isDeaf = false;
  const answer = async <T>(value: T): Promise<T> => {
    if (isAway) throw new Error("away");
    return value;
  };
  const turns = createRunTurns({
    maxRuns,
    clock,
    runs: {
      readHead: (runId) => answer(heads.get(runId) ?? null),
      isUnderWay: (invocation) => answer(!gone.has(invocation)),
      listUnderWay: () =>
        answer(
          [...heads].filter(([, { summary, invocation }]) => summary.status !== "succeeded" && !gone.has(invocation)),
        ),
      admit: async (runId, { epoch, asks }: AdmitInput) => {
        await answer(undefined);
        admitted.push(`${runId} ${epoch}/${asks}`);
        if (!isDeaf) heads.set(runId, headOf(runId, { epoch }));
      },
      displace: async (runId, { by }) => void displaced.push(`${runId} by ${by}`),
    },
    onTrouble: (trouble) => troubles.push(trouble),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    turns,
    heads,
    gone,
    admitted,
    displaced,
    troubles,
    setAway: (value: boolean) => {
      isAway = value;
    },
    /** Drives see to nothing that they are told. */
    setDeaf: () => {
      isDeaf = true;
    },
    /** So many milliseconds go by, in small steps. */
    async pass(ms = 0) {
      await settle();
      for (let rest = ms; rest > 0; rest -= 50) {
        clock.advance(50);
        await settle();
      }
    },
    set: (runId: string, standing: Standing) => heads.set(runId, headOf(runId, standing)),
    /** Enters a run and submits it; @returns whether it waits */
    async begin(runId: string, more: { readonly priority?: number; readonly concurrency?: Concurrency } = {}) {
      const { priority = 0, concurrency } = more;
      const workflow = workflowOf("a", concurrency === undefined ? {} : { concurrency });
      const { queues, settle: tell } = await turns.enter({ runId, workflow, priority, hasStarted: false, epoch: 1 });
      heads.set(runId, headOf(runId, queues ? { status: "pending", queue: WAITS } : {}));
      tell(true);
      await settle();
      return queues;
    },
  };
}

describe("turns of runs that a cluster drives", () => {
  it("lets a run go on at once where there is room, and the next when one has ended", async () => {
    const rig = createRig(1);
    await rig.pass();
    assert.deepEqual([await rig.begin("a"), await rig.begin("b")], [false, true]);
    assert.deepEqual(rig.turns.waitOf("b"), { ahead: 0, limit: "server", max_runs: 1 });
    await rig.pass(1_000);
    assert.deepEqual(rig.admitted, []);
    rig.set("a", { status: "succeeded" });
    await rig.pass(1_000);
    assert.deepEqual([rig.admitted, rig.turns.facts()], [["b 1/1"], { running: 1, waiting: 0, maxRuns: 1 }]);
    await rig.turns.close();
  });

  it("finds the runs of an earlier server as they stand, and lets them go on in their order", async () => {
    const before = {
      on: {},
      young: { status: "pending", queue: WAITS, createdAt: "2025-01-01T00:00:02.000Z" },
      old: { status: "pending", queue: { asks: 2, waits: true }, createdAt: "2025-01-01T00:00:01.000Z" },
      urgent: { status: "pending", queue: WAITS, createdAt: "2025-01-01T00:00:03.000Z", priority: 9 },
      left: {},
    } as const;
    const rig = createRig(1, before, ["inv_left"]);
    await rig.pass();
    assert.deepEqual(rig.turns.facts(), { running: 1, waiting: 3, maxRuns: 1 });
    assert.equal(await rig.begin("new"), true);
    for (const runId of ["on", "urgent", "old", "young"]) {
      rig.set(runId, { status: "succeeded" });
      await rig.pass(1_000);
    }
    assert.deepEqual(rig.admitted, ["urgent 1/1", "old 1/2", "young 1/1", "new 1/1"]);
    await rig.turns.close();
  });

  it("gives away the place of a run whose drive is gone, and of one that was paused while it waited", async () => {
    const rig = createRig(1);
    await rig.pass();
    await rig.begin("a");
    await rig.begin("b");
    rig.gone.add("inv_a");
    rig.set("b", { status: "pending", queue: { asks: 1, waits: false } });
    await rig.pass(10_000);
    assert.deepEqual([rig.admitted, rig.turns.facts().waiting], [[], 0]);
    rig.set("b", { status: "pending", queue: { asks: 2, waits: true } });
    await rig.pass(5_000);
    assert.deepEqual(rig.admitted, ["b 1/2"]);
    await rig.turns.close();
  });

  it("tells of a cluster that is away once, and goes on when it is back", async () => {
    const rig = createRig(1);
    await rig.pass();
    await rig.begin("a");
    await rig.begin("b");
    rig.setAway(true);
    rig.set("a", { status: "succeeded" });
    await rig.pass(400);
    assert.deepEqual([rig.admitted, rig.troubles.length], [[], 1]);
    rig.setAway(false);
    await rig.pass(1_000);
    assert.deepEqual(rig.admitted, ["b 1/1"]);
    await rig.turns.close();
  });

  it("finds a run whose submission was not acknowledged, and that waits", async () => {
    const rig = createRig(1);
    await rig.pass();
    await rig.begin("a");
    const workflow = workflowOf("a");
    const { settle } = await rig.turns.enter({ runId: "b", workflow, priority: 0, hasStarted: false, epoch: 1 });
    settle(false);
    rig.set("b", { status: "pending", queue: WAITS });
    rig.set("a", { status: "succeeded" });
    await rig.pass(40_000);
    assert.deepEqual(rig.admitted, ["b 1/1"]);
    await rig.turns.close();
  });

  it("refuses a run too many, and has the oldest give way, as the file says; what has ended counts no more", async () => {
    const rig = createRig(9);
    await rig.pass();
    const reject: Concurrency = { maxRuns: 1, whenFull: "reject" };
    await rig.begin("a", { concurrency: reject });
    await assert.rejects(rig.begin("b", { concurrency: reject }), { code: "RUN_QUEUE_FULL" });
    rig.set("a", { status: "succeeded" });
    assert.equal(await rig.begin("c", { concurrency: reject }), false);
    rig.set("c", { status: "succeeded" });
    const newest: Concurrency = { maxRuns: 1, whenFull: "cancel_oldest" };
    await rig.begin("d", { concurrency: newest });
    assert.equal(await rig.begin("e", { concurrency: newest }), true);
    assert.deepEqual(rig.displaced, ["d by e"]);
    await rig.turns.close();
  });

  it("tells a drive once that it may go on or gives way, again after half a minute, and at once where it asks anew", async () => {
    const rig = createRig(1);
    rig.setDeaf();
    await rig.pass();
    const newest: Concurrency = { maxRuns: 1, whenFull: "cancel_oldest" };
    await rig.begin("a", { concurrency: newest });
    await rig.begin("b", { concurrency: newest });
    await rig.pass(20_000);
    assert.deepEqual(rig.displaced, ["a by b"]);
    await rig.pass(15_000);
    assert.deepEqual(rig.displaced, ["a by b", "a by b"]);
    rig.set("a", { status: "succeeded" });
    await rig.pass(20_000);
    assert.deepEqual(rig.admitted, ["b 1/1"]);
    rig.set("b", { status: "pending", queue: { asks: 2, waits: true } });
    await rig.pass(5_000);
    assert.deepEqual(rig.admitted, ["b 1/1", "b 1/2"]);
    await rig.pass(35_000);
    assert.deepEqual(rig.admitted, ["b 1/1", "b 1/2", "b 1/2"]);
    await rig.turns.close();
  });
});
