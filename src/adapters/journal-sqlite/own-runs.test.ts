// An owner remembers the heads of its runs between appends, and only as long as nobody else has written.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { appendOf, newRun, nodeStarted, SUCCEEDED } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { runCrc, SELECT, toRunRow } from "./rows.ts";
import { databasePath } from "./state-dir.ts";

let harness: SqliteHarness;
beforeEach(() => {
  harness = createSqliteHarness();
});
afterEach(() => harness.dispose());

/** Another process takes the run, by force: the lock that keeps it from doing so is not what is shown here. */
function takeAway(runId: string): void {
  const db = new DatabaseSync(databasePath(harness.stateDir));
  const row = db.prepare(`${SELECT.run} WHERE run_id = ?`).get(runId);
  assert.ok(row !== undefined);
  const run = { ...toRunRow(row, runId), epoch: 2 };
  db.prepare("UPDATE runs SET epoch = ?, crc = ? WHERE run_id = ?").run(2, runCrc(run), runId);
  db.close();
}

describe("the runs of an owner", () => {
  it("are read again after another process has written, so that an older epoch is refused (E6)", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    await journal.append(appendOf("r", 2, [nodeStarted("a")]));
    takeAway("r");
    await assert.rejects(journal.append(appendOf("r", 3, [nodeStarted("b")])), { code: "JOURNAL_FENCED" });
    await assert.rejects(journal.append(appendOf("r", 3, [nodeStarted("b")])), { code: "JOURNAL_FENCED" });
    assert.equal((await journal.readEvents("r")).length, 2);
  });

  it("are as they were after an append that was refused, beside one that was not (J2)", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    await journal.append(appendOf("r", 2, [nodeStarted("a")]));
    const results = await Promise.allSettled([
      journal.append(appendOf("r", 2, [nodeStarted("b")])),
      journal.append(appendOf("r", 3, [nodeStarted("c")])),
      journal.append(appendOf("r", 3, [nodeStarted("d")])),
      journal.append(appendOf("r", 4, [SUCCEEDED])),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === "rejected" ? result.reason.code : "ok")),
      ["JOURNAL_FENCED", "ok", "JOURNAL_FENCED", "ok"],
    );
    assert.deepEqual(
      (await journal.readEvents("r")).map((event) => event.seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(await journal.checkIntegrity(), []);
  });
});
