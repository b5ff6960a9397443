import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import type { RunListing, Runtime } from "../../ports/runtime.ts";
import { recoverRuns } from "./recover-runs.ts";

type Interrupted = Pick<RunListing, "run_id" | "started_at" | "priority">;

const AT = "2025-01-01T00:00:00.000Z";

/** Runs that nobody drives, the newest first, and what comes of taking them up. */
function setUp(found: readonly Interrupted[], refuse: { readonly [runId: string]: readonly ErrorInfo["code"][] } = {}) {
  const clock = createSteppingClock();
  const taken: string[] = [];
  const left: string[] = [];
  const filters: (RunFilter | undefined)[] = [];
  const tries = new Map<string, number>();
  const runs: Pick<Runtime, "list" | "resume"> = {
    async list(filter) {
      filters.push(filter);
      const from = Number(filter?.before ?? 0);
      const page = found.slice(from, from + 2);
      const next = from + 2 < found.length ? { next: String(from + 2) } : {};
      return { runs: page as unknown as readonly RunListing[], damaged: [], ...next };
    },
    async resume(runId, { by, recovery }) {
      const times = tries.get(runId) ?? 0;
      tries.set(runId, times + 1);
      const code = refuse[runId]?.[times];
      if (code !== undefined) throw new BusbarError(code, `${runId} is refused`);
      taken.push(`${runId} by ${by}${recovery === true ? "" : ", as if somebody asked"}`);
      return { runId, from: "interrupted", reset: [], before: {} as never };
    },
  };
  const recovery = recoverRuns({
    ...{ runs, clock, by: "server" },
    onLeft: ({ code }, runId) => left.push(`${runId}: ${code}`),
  });
  const step = async (ms: number): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ms);
  };
  return { recovery, taken, left, filters, clock, step };
}

describe("recoverRuns", () => {
  it("takes up what had begun first, then by priority, then the oldest", async () => {
    const { recovery, taken, filters } = setUp([
      { run_id: "f" },
      { run_id: "e", started_at: AT },
      { run_id: "d", priority: 3 },
      { run_id: "c" },
      { run_id: "b", priority: -1 },
      { run_id: "a", started_at: AT },
    ]);
    assert.equal(recovery.hasLooked(), false);
    await recovery.done;
    assert.equal(recovery.hasLooked(), true);
    assert.deepEqual(
      taken,
      ["a", "e", "d", "c", "f", "b"].map((runId) => `${runId} by server`),
    );
    assert.deepEqual(filters[0], { origin: "server", interrupted: true, limit: 200 });
  });

  it("tells of a run that cannot be taken up, and goes on with the others", async () => {
    const { recovery, taken, left } = setUp([{ run_id: "b" }, { run_id: "a" }], { a: ["RECOVERED_IN_VAIN"] });
    await recovery.done;
    assert.deepEqual([taken, left], [["b by server"], ["a: RECOVERED_IN_VAIN"]]);
  });

  it("says nothing of what somebody else was quicker with", async () => {
    const { recovery, left } = setUp([{ run_id: "a" }, { run_id: "b" }, { run_id: "c" }], {
      a: ["RUN_OWNED"],
      b: ["RUN_ALREADY_ENDED"],
      c: ["JOURNAL_FENCED"],
    });
    await recovery.done;
    assert.deepEqual(left, []);
  });

  it("asks a journal again that takes nothing for now, and keeps the order", async () => {
    const { recovery, taken, left, step, clock } = setUp([{ run_id: "b" }, { run_id: "a" }], {
      a: ["JOURNAL_FULL", "JOURNAL_BUSY"],
    });
    await step(500);
    await step(999);
    assert.deepEqual(taken, []);
    await step(1);
    await recovery.done;
    assert.deepEqual([taken, left, clock.pending()], [["a by server", "b by server"], [], 0]);
  });

  it("takes nothing more up once it is stopped, and waits for nothing then", async () => {
    const { recovery, taken, left, step, clock } = setUp([{ run_id: "b" }, { run_id: "a" }], {
      a: ["JOURNAL_FULL", "JOURNAL_FULL"],
    });
    await step(0);
    recovery.stop();
    await recovery.done;
    assert.deepEqual([taken, left, clock.pending()], [[], [], 0]);
  });
});
