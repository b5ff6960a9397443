import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { BusbarError } from "../../kernel/errors.ts";
import type { RunFilter } from "../../ports/run-filter.ts";
import { newRun } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { createSystemClock } from "../system/clock.ts";
import { openJournalReader } from "./reader.ts";
import { databasePath } from "./state-dir.ts";

const RUNS = ["a", "b", "c", "d", "e"];
const PAGE = 4096;
/** The entries of an index are at the end of its page. */
const ENTRIES = 100;
const CHANGES = [0x01, 0x02, 0x03, 0x04, 0x07, 0x10, 0x80];

const FILTERS: readonly (readonly [index: string, filter: RunFilter])[] = [
  ["runs_by_workflow", { workflow: "pipeline" }],
  ["runs_by_status", { status: "running" }],
];

describe("a list of a journal with a flipped byte in an index", () => {
  let harness: SqliteHarness;
  let sound: Buffer;
  before(async () => {
    harness = createSqliteHarness();
    const journal = await harness.open();
    for (const runId of RUNS) await journal.create(newRun(runId));
    await journal.close();
    sound = readFileSync(databasePath(harness.stateDir));
  });
  after(() => harness.dispose());

  function pageOf(index: string): number {
    const db = new DatabaseSync(databasePath(harness.stateDir), { readOnly: true });
    const row = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(index);
    db.close();
    return (Number(row?.rootpage) - 1) * PAGE;
  }

  async function listOf(bytes: Buffer, filter: RunFilter) {
    const stateDir = join(harness.stateDir, "damaged");
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(databasePath(stateDir), bytes);
    const reader = openJournalReader({ stateDir, clock: createSystemClock() });
    try {
      const { runs, damaged } = await reader.listRuns(filter);
      return { ids: runs.map(({ runId }) => runId), codes: damaged.map(({ code }) => code) };
    } catch (thrown) {
      if (!(thrown instanceof BusbarError)) throw thrown;
      return { ids: [], codes: [thrown.code] };
    } finally {
      await reader.close();
    }
  }

  for (const [index, filter] of FILTERS) {
    it(`shows no run twice, and none in another's place: ${index}`, async () => {
      const whole = RUNS.toReversed();
      assert.deepEqual(await listOf(sound, filter), { ids: whole, codes: [] });
      const start = pageOf(index);
      let noticed = 0;
      for (let at = start + PAGE - ENTRIES; at < start + PAGE; at += 1) {
        for (const change of CHANGES) {
          const bytes = Buffer.from(sound);
          bytes[at] = (bytes[at] ?? 0) ^ change;
          const { ids, codes } = await listOf(bytes, filter);
          assert.deepEqual(
            ids,
            whole.filter((id) => ids.includes(id)),
            `byte ${at - start} of the page, changed by ${change}`,
          );
          assert.ok(codes.every((code) => code === "JOURNAL_DAMAGED"));
          if (codes.length > 0 || ids.length < whole.length) noticed += 1;
        }
      }
      assert.ok(noticed > 0);
    });
  }
});
