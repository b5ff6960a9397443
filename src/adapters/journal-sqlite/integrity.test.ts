import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { BusbarError } from "../../kernel/errors.ts";
import { appendOf, definitionWith, newRun, nodeStarted, takeOverOf } from "../../testing/journal-runs.ts";
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
      "INSERT INTO events (run, seq, body, crc) SELECT run, 5, body, crc FROM events WHERE run = 1 AND seq = 4",
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
    ["a changed status column", "UPDATE runs SET status = 'failed' WHERE n = 1", (j) => j.readRun("r"), undefined],
    ["a changed origin", "UPDATE runs SET origin = 'server' WHERE n = 1", (j) => j.readRun("r"), undefined],
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

  const found: readonly (readonly [string, string])[] = [
    ["a lost tombstone", "UPDATE totals SET pruned = 1"],
    ["a tombstone of a run that is there", "INSERT INTO tombstones VALUES ('r', 'now', 0, 0)"],
    ["an event of no run", "INSERT INTO events VALUES (99, 9, 1, '{}', 0)"],
    ["a request of no run", "INSERT INTO requests VALUES (9, 9, 'k', 'cancel', '', '', NULL, NULL, 0)"],
    ["a forgotten position", "UPDATE totals SET last_pos = 1"],
    ["a forgotten request id", "UPDATE totals SET last_request = 1"],
  ];
  for (const [name, sql] of found) {
    it(`is found by the check: ${name}`, async () => {
      harness.tamper(sql);
      const codes = (await journal.checkIntegrity()).map(({ error }) => error.code);
      assert.ok(codes.length > 0 && codes.every((code) => code === "JOURNAL_DAMAGED"));
    });
  }

  it("is found by the check where it would cost another run its workflow", async () => {
    const changed = definitionWith("changed");
    await harness.createAndDie([newRun("t")]);
    await journal.takeOver(takeOverOf("t", 2, 2, { definition: changed }));
    assert.deepEqual(await journal.checkIntegrity(), []);
    harness.tamper("DELETE FROM earlier_definitions");
    assert.deepEqual(
      (await journal.checkIntegrity()).map(({ runId }) => runId),
      ["t"],
    );
  });

  it("of one run leaves the others readable and writable", async () => {
    await harness.damage("r", 2);
    await damaged(journal.readEvents("r"));
    await journal.append(appendOf("s", 2, [nodeStarted("a")]));
    assert.equal((await journal.readEvents("s")).length, 2);
    assert.deepEqual(
      (await journal.listRuns()).runs.map((run) => run.runId),
      ["s", "r"],
    );
    assert.deepEqual(
      (await journal.checkIntegrity()).map((finding) => finding.runId),
      ["r"],
    );
  });

  it("of a run's row stands in the list beside the other runs, whatever is asked for", async () => {
    harness.tamper("UPDATE runs SET epoch = 9 WHERE n = 1");
    for (const filter of [{}, { status: "running" }, { interrupted: false }] as const) {
      const { runs, damaged } = await journal.listRuns(filter);
      assert.deepEqual(
        runs.map((run) => run.runId),
        ["s"],
      );
      assert.deepEqual(
        damaged.map(({ code, details }) => [code, details]),
        [["JOURNAL_DAMAGED", { run_id: "r" }]],
      );
    }
  });

  it("that has lost a run is said by the list of the others", async () => {
    harness.tamper("DELETE FROM runs WHERE n = 1");
    const { runs, damaged } = await journal.listRuns();
    assert.deepEqual(
      runs.map((run) => run.runId),
      ["s"],
    );
    assert.deepEqual(
      damaged.map(({ code }) => code),
      ["JOURNAL_DAMAGED"],
    );
  });

  it("of anything of a run refuses all that is stored of it", async () => {
    const tables = [
      "UPDATE runs SET file = '/elsewhere' WHERE n = 1",
      "UPDATE events SET crc = crc + 1 WHERE run = 1 AND seq = 3",
      "UPDATE requests SET reason = 'none'",
      "DELETE FROM requests",
      "UPDATE definitions SET text = '{}'",
      "DELETE FROM definitions",
      "UPDATE owners SET pid = pid + 1",
    ];
    for (const sql of tables) {
      const other = createSqliteHarness();
      try {
        const fresh = await other.open();
        await fresh.create(newRun("r"));
        await fresh.append(appendOf("r", 2, [nodeStarted("a"), nodeStarted("b")]));
        await fresh.addRequest({ runId: "r", kind: "cancel", key: "k", by: "b", at: "2025-01-01T00:00:00.000Z" });
        assert.equal((await fresh.readStored("r"))?.events.length, 3);
        other.tamper(sql);
        await damaged(fresh.readStored("r"));
      } finally {
        await other.dispose();
      }
    }
  });

  it("of a request hides no other from its owner, and is found in its run", async () => {
    await journal.addRequest({ runId: "s", kind: "cancel", key: "k", by: "b", at: "2025-01-01T00:00:00.000Z" });
    assert.equal((await journal.readUnanswered()).length, 2);
    harness.tamper("UPDATE requests SET \"by\" = 'x' WHERE run = 1");
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(
        (await journal.readUnanswered()).map(({ runId }) => runId),
        ["s"],
      );
    }
    await damaged(journal.readRequests("r"));
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
    harness.tamper(
      "INSERT INTO events (run, seq, body, crc) SELECT run, 5, body, crc FROM events WHERE run = 1 AND seq = 4",
    );
    const error = await damaged(journal.append(appendOf("r", 5, [nodeStarted("d")])));
    assert.deepEqual(error.details, { run_id: "r" });
  });
});
