import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { appendOf, newRun, SUCCEEDED, summaryWith } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { createPresence } from "./presence.ts";
import { createReads, type Reads } from "./reads.ts";
import { indexOf } from "./rows.ts";
import { databasePath } from "./state-dir.ts";
import { createWrites } from "./writes.ts";

describe("an owner that dies while its run is read (J10)", () => {
  let harness: SqliteHarness;
  beforeEach(() => {
    harness = createSqliteHarness();
  });
  afterEach(() => harness.dispose());

  /** Reads with an owner that ends the run and is gone, just before the operating system is asked for it. */
  async function readAtDeath<T>(read: (reads: Reads) => T): Promise<{ readonly value: T; readonly asked: number }> {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    const other = new DatabaseSync(databasePath(harness.stateDir));
    const db = new DatabaseSync(databasePath(harness.stateDir), { readOnly: true });
    let asked = 0;
    const isAlive = (): boolean => {
      asked += 1;
      if (asked === 1) endRun(other, journal.ownerId);
      return false;
    };
    try {
      return { value: read(createReads(db, harness.stateDir, isAlive)), asked };
    } finally {
      db.close();
      other.close();
    }
  }

  function endRun(db: DatabaseSync, id: string): void {
    const self = { id, pid: 1, host: "here", startedAt: "2025-01-01T00:00:00.000Z", busbarVersion: null };
    const writes = createWrites(db, harness.stateDir, self, createPresence(harness.stateDir), () =>
      assert.fail("it takes nothing over"),
    );
    const summary = summaryWith("succeeded");
    const append = appendOf("r", 2, [SUCCEEDED], { summary });
    writes.begin();
    const events = append.events.map((event) => JSON.stringify(event));
    writes.append(append, { events, summary: JSON.stringify(summary), index: indexOf(summary) });
    writes.commit();
  }

  it("is called dead only beside all that it wrote: the run is ended, not interrupted", async () => {
    const { value, asked } = await readAtDeath((reads) => reads.stored("r", []));
    assert.deepEqual([value?.record.owner.alive, value?.record.summary.status], [false, "succeeded"]);
    assert.equal(value?.events.length, 2);
    assert.equal(asked, 1);
  });

  it("leaves no interrupted run in a list", async () => {
    const { value } = await readAtDeath((reads) => reads.runs({ interrupted: true }));
    assert.deepEqual(value, { runs: [], damaged: [] });
  });
});
