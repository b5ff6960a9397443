import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import type { NewRequest } from "../../ports/requests.ts";
import { newRun } from "../../testing/journal-runs.ts";
import { mountSkip, withReadOnly, withSmallDisk } from "../../testing/mounts.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { databasePath } from "./state-dir.ts";

const cancel = (key: string): NewRequest => ({
  ...{ runId: "r", kind: "cancel", key, by: "somebody", at: "2025-01-01T00:00:00.000Z" },
});

describe("the journal's requester", () => {
  let harness: SqliteHarness;
  beforeEach(() => {
    harness = createSqliteHarness();
  });
  afterEach(() => harness.dispose());

  /** How many rows each table has. */
  const countRows = (): Record<string, unknown> => {
    const db = new DatabaseSync(databasePath(harness.stateDir), { readOnly: true });
    const tables = ["totals", "runs", "events", "definitions", "owners", "requests"];
    const counts = tables.map((table) => [table, db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n]);
    db.close();
    return Object.fromEntries(counts);
  };

  it("makes nothing where nothing is: neither the directory nor a journal in it", async () => {
    const requester = await harness.openRequester();
    await assert.rejects(requester.addRequest(cancel("k")), { code: "RUN_NOT_FOUND" });
    assert.equal(await requester.readStored("r"), undefined);
    assert.equal(existsSync(harness.stateDir), false);
    mkdirSync(harness.stateDir);
    await assert.rejects(requester.addRequest(cancel("k")), { code: "RUN_NOT_FOUND" });
    assert.deepEqual(readdirSync(harness.stateDir), []);
  });

  it("writes one row, and is no owner", async () => {
    await harness.createAndDie([newRun("r")]);
    const owners = readdirSync(join(harness.stateDir, "owners"));
    const before = countRows();
    const requester = await harness.openRequester();
    await requester.addRequest(cancel("k"));
    assert.deepEqual(countRows(), { ...before, requests: 1 });
    assert.deepEqual(readdirSync(join(harness.stateDir, "owners")), owners);
    await requester.addRequest(cancel("k"));
    await requester.close();
    assert.deepEqual(countRows(), { ...before, requests: 1 });
    const journal = await harness.open();
    assert.deepEqual(await journal.checkIntegrity(), []);
    assert.equal((await journal.readRequests("r")).length, 1);
  });

  it("stores all requests of processes and owners that ask at the same time", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    const askers = await Promise.all([harness.openRequester(), harness.openRequester()]);
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    await Promise.all(keys.flatMap((key) => [...askers, journal].map((asker) => asker.addRequest(cancel(key)))));
    const stored = await journal.readRequests("r");
    assert.deepEqual(stored.map(({ key }) => key).toSorted(), keys.toSorted());
    assert.deepEqual(await journal.readUnanswered(), stored);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("tries a locked journal again by timers, and gives up after ten seconds with the other process's name", async () => {
    const child = await harness.startOwner([newRun("r")]);
    const clock = createSteppingClock();
    const requester = await harness.openRequester({ clock });
    await requester.readRun("r");
    const lock = new DatabaseSync(databasePath(harness.stateDir));
    lock.exec("BEGIN IMMEDIATE");
    const given = assert.rejects(requester.addRequest(cancel("k")), (error: { code: string; message: string }) => {
      assert.equal(error.code, "JOURNAL_BUSY");
      assert.ok(error.message.includes(`Process ${child.pid} on `), error.message);
      return true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(11_000);
    await given;

    const asked = requester.addRequest(cancel("l"));
    await new Promise((resolve) => setImmediate(resolve));
    lock.close();
    clock.advance(100);
    await asked;
    assert.deepEqual(
      (await requester.readRequests("r")).map(({ key }) => key),
      ["l"],
    );
  });

  it("is refused for a run whose row is damaged, and not for another (J8)", async () => {
    await harness.createAndDie([newRun("r"), newRun("s")]);
    harness.tamper("UPDATE runs SET epoch = 9 WHERE run_id = 'r'");
    const requester = await harness.openRequester();
    await assert.rejects(requester.addRequest(cancel("k")), { code: "JOURNAL_DAMAGED", details: { run_id: "r" } });
    await requester.addRequest({ ...cancel("k"), runId: "s" });
  });

  it("of a lost database is refused, and stays as it is", async () => {
    await harness.createAndDie([newRun("r")]);
    rmSync(databasePath(harness.stateDir));
    const requester = await harness.openRequester();
    await assert.rejects(requester.addRequest(cancel("k")), { code: "JOURNAL_DAMAGED" });
    assert.equal(existsSync(databasePath(harness.stateDir)), false);
  });

  describe("where it cannot write", () => {
    const skip = mountSkip();

    for (const [name, forget] of [
      ["with the shared memory of a killed owner", false],
      ["without it", true],
    ] as const) {
      it(`reads a read-only directory ${name}, and is refused with JOURNAL_UNWRITABLE`, { skip }, async () => {
        await harness.createAndDie([newRun("r")]);
        if (forget) rmSync(join(harness.stateDir, "journal.db-shm"));
        await withReadOnly(harness.stateDir, async (stateDir) => {
          const requester = await harness.openRequester({ stateDir });
          assert.equal((await requester.readStored("r"))?.events.length, 1);
          await assert.rejects(requester.addRequest(cancel("k")), { code: "JOURNAL_UNWRITABLE" });
          assert.deepEqual(await requester.readRequests("r"), []);
          await requester.close();
        });
      });
    }

    it("is refused with JOURNAL_FULL on a full disk, until there is room", { skip }, async () => {
      await withSmallDisk(harness.stateDir, 1, async (disk, resize) => {
        const stateDir = join(disk, ".busbar");
        const journal = await harness.open({ stateDir });
        await journal.create(newRun("r"));
        const requester = await harness.openRequester({ stateDir });
        let stored = 0;
        const askUntilFull = async (): Promise<void> => {
          for (;;) {
            await requester.addRequest({ ...cancel(`k${stored}`), reason: "x".repeat(20_000) });
            stored += 1;
          }
        };
        await assert.rejects(askUntilFull(), { code: "JOURNAL_FULL" });
        assert.equal((await requester.readRequests("r")).length, stored);
        resize(8);
        await requester.addRequest(cancel("last"));
        assert.equal((await journal.readUnanswered()).length, stored + 1);
        await requester.close();
        await journal.close();
      });
    });
  });
});
