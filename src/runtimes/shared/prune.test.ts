import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { newRun, summaryWith } from "../../testing/journal-runs.ts";
import { type PruneOptions, prune } from "./prune.ts";

const DAY = 86_400_000;

/** Five runs that ended 5, 4, 3, 2 and 1 days ago, among them one that has not; each has 1000 bytes of logs. */
async function setUp() {
  const clock = createSteppingClock();
  const journal = createMemoryJournal();
  const at = (daysAgo: number) => new Date(clock.now() - daysAgo * DAY).toISOString();
  for (const daysAgo of [5, 4, 3, 2, 1]) {
    const status = daysAgo % 2 === 0 ? "failed" : "succeeded";
    const summary = summaryWith(status, { created_at: at(6), ended_at: at(daysAgo) });
    await journal.create(newRun(`ended-${daysAgo}`, { summary }));
    if (daysAgo === 3) await journal.create(newRun("open", { summary: summaryWith("running", { created_at: at(6) }) }));
  }
  const removed: string[] = [];
  const logs = {
    size: async (runId?: string) => (runId === undefined ? 6000 : 1000),
    remove: async (runId: string) => void removed.push(runId),
  };
  const go = async (options: PruneOptions): Promise<readonly string[]> => {
    const gone: string[] = [];
    for await (const run of prune({ journal, logs, clock, onDamage: (error) => assert.fail(error.message) }, options)) {
      assert.ok(run.bytes > 1000);
      gone.push(run.run_id.replace("ended-", ""));
    }
    return gone;
  };
  const left = async () => (await journal.listRuns()).runs.map((run) => run.runId.replace("ended-", ""));
  return { journal, removed, go, left, logBytes: 6000 };
}

describe("which runs are pruned", () => {
  it("those that ended longer ago", async () => {
    const { go, left, removed } = await setUp();
    assert.deepEqual(await go({ olderThanMs: 2.5 * DAY }), ["5", "4", "3"]);
    assert.deepEqual(await left(), ["1", "2", "open"]);
    assert.deepEqual(removed, ["ended-5", "ended-4", "ended-3"]);
  });

  it("all ended ones but the newest", async () => {
    const { go, left } = await setUp();
    assert.deepEqual(await go({ keep: 2 }), ["5", "4", "3"]);
    assert.deepEqual(await left(), ["1", "2", "open"]);
    assert.deepEqual(await go({ keep: 2 }), []);
    assert.deepEqual(await go({ keep: 0 }), ["2", "1"]);
    assert.deepEqual(await left(), ["open"]);
  });

  it("the oldest ended ones until what is left is small enough", async () => {
    const { go, journal, logBytes } = await setUp();
    const total = (await journal.readSize()) + logBytes;
    assert.deepEqual(await go({ maxBytes: total, dryRun: true }), []);
    assert.deepEqual(await go({ maxBytes: total - 1, dryRun: true }), ["5"]);
    assert.deepEqual(await go({ maxBytes: total - 1500, dryRun: true }), ["5", "4"]);
    assert.deepEqual(await go({ maxBytes: 0 }), ["5", "4", "3", "2", "1"]);
  });

  it("those that any of several options names", async () => {
    const { go, journal, logBytes } = await setUp();
    const total = (await journal.readSize()) + logBytes;
    assert.deepEqual(await go({ keep: 4, olderThanMs: 3.5 * DAY, dryRun: true }), ["5", "4"]);
    assert.deepEqual(await go({ keep: 1, olderThanMs: 3.5 * DAY, dryRun: true }), ["5", "4", "3", "2"]);
    assert.deepEqual(await go({ keep: 4, maxBytes: total - 1500, dryRun: true }), ["5", "4"]);
  });

  it("only those of one origin, whose number and bytes count then", async () => {
    const { go, left, journal } = await setUp();
    for (const name of ["x", "y", "z"]) {
      const summary = summaryWith("succeeded", { ended_at: "2024-12-31T00:00:00.000Z" });
      await journal.create(newRun(name, { summary, origin: "server" }));
    }
    await journal.create(newRun("w", { summary: summaryWith("running"), origin: "server" }));
    assert.deepEqual(await go({ origin: "server", keep: 2, dryRun: true }), ["x"]);
    assert.deepEqual(await go({ origin: "server", olderThanMs: DAY, dryRun: true }), []);
    const each = (await journal.readSize("x")) + 1000;
    const four = 3 * each + (await journal.readSize("w")) + 1000;
    assert.deepEqual(await go({ origin: "server", maxBytes: four, dryRun: true }), []);
    assert.deepEqual(await go({ origin: "server", maxBytes: four - each - 1, dryRun: true }), ["x", "y"]);
    assert.deepEqual(await go({ origin: "server", maxBytes: 0 }), ["x", "y", "z"]);
    assert.deepEqual(await left(), ["w", "1", "2", "open", "3", "4", "5"]);
  });

  it("none of them in a dry run", async () => {
    const { go, left, removed } = await setUp();
    assert.deepEqual(await go({ keep: 0, dryRun: true }), ["5", "4", "3", "2", "1"]);
    assert.equal((await left()).length, 6);
    assert.deepEqual(removed, []);
  });
});
