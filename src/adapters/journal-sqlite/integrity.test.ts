import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { BusbarError } from "../../kernel/errors.ts";
import { appendOf, newRun, nodeStarted, takeOverOf } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import type { SqliteJournal } from "./journal.ts";

describe("damage behind the journal's back (J8)", () => {
  let harness: SqliteHarness;
  let journal: SqliteJournal;
  beforeEach(async () => {
    harness = createSqliteHarness();
    journal = await harness.open();
    await journal.create(newRun("r"));
    await journal.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b"), nodeStarted("c")]));
    await journal.create(newRun("s"));
    await journal.addRequest({ runId: "r", kind: "cancel", key: "k", by: "b", at: "2025-01-01T00:00:00.000Z" });
  });
  afterEach(() => harness.dispose());

  const damaged = async (promise: Promise<unknown>): Promise<BusbarError> => {
    const [result] = await Promise.allSettled([promise]);
    assert.ok(result?.status === "rejected" && result.reason.code === "JOURNAL_DAMAGED");
    return result.reason;
  };

  it("is not found where there is none", async () => {
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  /** What is done, which readings of run r it stops, and at which event. */
  const cases: readonly (readonly [string, string, (j: SqliteJournal) => Promise<unknown>, number | undefined])[] = [
    [
      "a changed event",
      "UPDATE events SET body = replace(body, 'a', 'b') WHERE run = 1 AND seq = 2",
      (j) => j.readEvents("r"),
      2,
    ],
    ["a changed checksum", "UPDATE events SET crc = crc + 1 WHERE run = 1 AND seq = 3", (j) => j.readEvents("r"), 3],
    [
      "an event of another type",
      "PRAGMA ignore_check_constraints = 1; UPDATE events SET body = '' WHERE run = 1 AND seq = 4",
      (j) => j.readEvents("r"),
      4,
    ],
    ["a lost event", "DELETE FROM events WHERE run = 1 AND seq = 3", (j) => j.readEvents("r"), 3],
    ["a lost end", "DELETE FROM events WHERE run = 1 AND seq = 4", (j) => j.readEvents("r"), 4],
    ["all events lost", "DELETE FROM events WHERE run = 1", (j) => j.readEvents("r"), 1],
    [
      "an added event",
      "INSERT INTO events SELECT run, 5, body, crc FROM events WHERE run = 1 AND seq = 4",
      (j) => j.readEvents("r"),
      5,
    ],
    [
      "another run's event",
      "UPDATE events SET run = 3 WHERE run = 2; UPDATE events SET run = 2 WHERE run = 1 AND seq = 1; UPDATE events SET run = 1 WHERE run = 3",
      (j) => j.readEvents("r"),
      1,
    ],
    ["a changed head", "UPDATE runs SET last_seq = 3 WHERE n = 1", (j) => j.readEvents("r"), undefined],
    [
      "a changed summary",
      "UPDATE runs SET summary = replace(summary, 'running', 'failed') WHERE n = 1",
      (j) => j.readRun("r"),
      undefined,
    ],
    ["a changed owner", "UPDATE owners SET pid = pid + 1", (j) => j.readRun("r"), undefined],
    ["a lost owner", "DELETE FROM owners", (j) => j.readRun("r"), undefined],
    ["a changed request", "UPDATE requests SET kind = 'pause'", (j) => j.readRequests("r"), undefined],
    ["a request moved to another run", "UPDATE requests SET run = 2", (j) => j.readRequests("r"), undefined],
    ["a renamed column", "ALTER TABLE requests RENAME COLUMN answer TO anzwer", (j) => j.readRequests("r"), undefined],
    ["a lost request", "DELETE FROM requests", (j) => j.readRequests("r"), undefined],
    ["a lost run", "DELETE FROM runs WHERE n = 1", (j) => j.readRun("r"), undefined],
    ["a renamed run", "UPDATE runs SET run_id = 'q' WHERE n = 1", (j) => j.readRun("q"), undefined],
    [
      "a changed workflow",
      "UPDATE definitions SET text = '{}'",
      (j) => j.readDefinition(newRun("r").definition.hash),
      undefined,
    ],
    ["a lost workflow", "DELETE FROM definitions", (j) => j.readDefinition(newRun("r").definition.hash), undefined],
  ];
  for (const [name, sql, read, seq] of cases) {
    it(`is refused and found by the check: ${name}`, async () => {
      harness.tamper(sql);
      const error = await damaged(read(journal));
      if (seq !== undefined) assert.deepEqual(error.details, { run_id: "r", seq });
      const found = await journal.checkIntegrity();
      assert.ok(found.length > 0 && found.every((finding) => finding.error.code === "JOURNAL_DAMAGED"));
    });
  }

  it("of one run leaves the others readable and writable", async () => {
    await harness.damage("r", 2);
    await damaged(journal.readEvents("r"));
    await journal.append(appendOf("s", 2, [nodeStarted("a")]));
    assert.equal((await journal.readEvents("s")).length, 2);
    assert.deepEqual(
      (await journal.listRuns()).map((run) => run.runId),
      ["s", "r"],
    );
    assert.deepEqual(
      (await journal.checkIntegrity()).map((finding) => finding.runId),
      ["r"],
    );
  });

  it("of a run's row refuses the list, unless the lister hears of it", async () => {
    harness.tamper("UPDATE runs SET epoch = 9 WHERE n = 1");
    await damaged(journal.listRuns());
    const heard: BusbarError[] = [];
    const runs = await journal.listRuns({ onDamaged: (error) => heard.push(error) });
    assert.deepEqual(
      runs.map((run) => run.runId),
      ["s"],
    );
    assert.deepEqual(
      heard.map((error) => error.details),
      [{ run_id: "r" }],
    );
  });

  it("of a run's row refuses appends to it, and to no other flushed with them (J2)", async () => {
    harness.tamper("UPDATE runs SET epoch = 1, summary = '{}' WHERE n = 1");
    const results = await Promise.allSettled([
      journal.append(appendOf("r", 5, [nodeStarted("a")])),
      journal.append(appendOf("s", 2, [nodeStarted("a")])),
      journal.takeOver(takeOverOf("r", 5, 2)),
    ]);
    assert.deepEqual(
      results.map((r) => (r.status === "rejected" ? r.reason.code : "ok")),
      ["JOURNAL_DAMAGED", "ok", "JOURNAL_DAMAGED"],
    );
  });

  it("beyond the head refuses an append that would write over it", async () => {
    harness.tamper("INSERT INTO events SELECT run, 5, body, crc FROM events WHERE run = 1 AND seq = 4");
    const error = await damaged(journal.append(appendOf("r", 5, [nodeStarted("d")])));
    assert.deepEqual(error.details, { run_id: "r" });
  });
});
