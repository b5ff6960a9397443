import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryJournal } from "../../adapters/journal-memory/journal.ts";
import { createSystemClock } from "../../adapters/system/clock.ts";
import type { RunStatus } from "../../engine/status.ts";
import type { Clock } from "../../kernel/clock.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { Journal } from "../../ports/journal.ts";
import { createRunReader } from "../../runtimes/shared/reader.ts";
import { newRun, summaryWith } from "../../testing/journal-runs.ts";
import { createDefinitions } from "../definitions.ts";
import { createWorkflowStats } from "./workflow-stats.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const DAY_MS = 86_400_000;

/** A journal, and stats of it at a time of day that a test moves. */
function setUp(patienceMs = 60_000) {
  const journal = createMemoryJournal();
  let now = NOW;
  const clock: Clock = { ...createSystemClock(), now: () => now };
  const reader = createRunReader({ journal, clock, readDefinition: createDefinitions().read });
  let pages = 0;
  const readOutcomes: Journal["readOutcomes"] = (page) => {
    pages += 1;
    return journal.readOutcomes(page);
  };
  let made = 0;
  return {
    stats: createWorkflowStats({ readOutcomes, list: reader.list, clock, patienceMs }),
    pages: () => pages,
    moveTo(ms: number) {
      now = ms;
    },
    async end(workflow: string, status: RunStatus, endedMs: number) {
      made += 1;
      const summary = summaryWith(status, { workflow, ended_at: timestampOf(endedMs), duration_ms: made });
      await journal.create(newRun(`r${made}`, { summary }));
    },
  };
}

describe("what became of the runs of a workflow", () => {
  it("is counted by day for a year, and by name", async () => {
    const { stats, end } = setUp();
    await end("w", "succeeded", NOW - 364 * DAY_MS);
    await end("w", "succeeded", NOW - 366 * DAY_MS);
    await end("w", "failed", NOW - DAY_MS);
    await end("w", "cancelled", NOW - DAY_MS - 1);
    await end("v", "succeeded", NOW - DAY_MS);
    for (let at = 0; at < 25; at += 1) await end("w", "succeeded", NOW - at);
    const { days, recent, counted_since } = await stats.of("w");
    assert.deepEqual(days, [
      { day: "2025-11-27", succeeded: 1, failed: 0, cancelled: 0 },
      { day: "2026-11-25", succeeded: 0, failed: 1, cancelled: 1 },
      { day: "2026-11-26", succeeded: 25, failed: 0, cancelled: 0 },
    ]);
    assert.equal(counted_since, undefined);
    assert.deepEqual(
      recent.map(({ duration_ms }) => duration_ms),
      Array.from({ length: 20 }, (_, at) => 30 - at),
    );
    assert.deepEqual((await stats.of("v")).days.length, 1);
    assert.deepEqual(await stats.of("nobody"), { days: [], recent: [] });
  });

  it("counts each run once, whatever ends while it counts, in the same moment, or is recorded late", async () => {
    const { stats, end, moveTo } = setUp();
    const total = async () =>
      (await stats.of("w")).days.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
    let ended = 0;
    for (let round = 0; round < 20; round += 1) {
      const now = NOW + round * 3000;
      moveTo(now);
      for (const late of [0, 0, 1, 2999, 9000]) await end("w", "succeeded", now - late);
      ended += 5;
      assert.equal(await total(), ended);
      assert.equal(await total(), ended);
    }
    // Nothing at all for a day, and then again.
    moveTo(NOW + DAY_MS);
    assert.equal(await total(), ended);
    await end("w", "failed", NOW + DAY_MS);
    assert.equal(await total(), ended + 1);
  });

  it("is counted back page by page by whoever asks, for as long as they wait, and said how far", async () => {
    const { stats, end, pages } = setUp(0);
    for (let at = 0; at < 2500; at += 1) await end("w", "succeeded", NOW - at * 60_000);
    const first = await stats.of("w");
    assert.equal(first.counted_since, timestampOf(NOW - 999 * 60_000));
    assert.equal(first.recent.length, 20);
    await stats.of("w");
    const last = await stats.of("v").then(() => stats.of("w"));
    assert.equal(last.counted_since, undefined);
    assert.equal(
      last.days.reduce((sum, { succeeded }) => sum + succeeded, 0),
      2500,
    );
    const before = pages();
    await Promise.all([stats.of("w"), stats.of("w"), stats.of("v")]);
    assert.equal(pages(), before + 1);
  });
});
