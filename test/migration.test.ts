// Journals of schema version 1 (Busbar 0.1): read as they are, and migrated by the first owner that opens them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { readExpected } from "../scripts/make-journal-fixture.ts";
import { openSqliteJournal, type SqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { ownerLockPath, tryLock } from "../src/adapters/journal-sqlite/owner-lock.ts";
import { openJournalReader } from "../src/adapters/journal-sqlite/reader.ts";
import { openJournalRequester } from "../src/adapters/journal-sqlite/requester.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import type { JournalReader } from "../src/ports/journal.ts";
import { appendOf, newRun, nodeStarted, processOf, takeOverOf } from "../src/testing/journal-runs.ts";
import { fillDisk, mountSkip, withReadOnly, withSmallDisk } from "../src/testing/mounts.ts";

const fixture = fileURLToPath(new URL("./journals/v0.1.0/", import.meta.url));
const expected = readExpected(fixture);
const stopped = fileURLToPath(new URL("../src/testing/stopped-migration.ts", import.meta.url));
const clock = createSystemClock();

function copyTo(stateDir: string): string {
  mkdirSync(join(stateDir, "owners"), { recursive: true });
  for (const file of ["journal.db", "journal.db-wal"]) cpSync(join(fixture, file), join(stateDir, file));
  return stateDir;
}

function open(stateDir: string): Promise<SqliteJournal> {
  return openSqliteJournal({ stateDir, clock, ids: createSystemIds(), pid: process.pid, host: "here" });
}

function versionOf(stateDir: string): unknown {
  const db = new DatabaseSync(join(stateDir, "journal.db"));
  const row = db.prepare("PRAGMA user_version").get();
  db.close();
  return row?.user_version;
}

async function assertAsExpected(journal: JournalReader): Promise<void> {
  const { runs, damaged } = await journal.listRuns();
  assert.deepEqual(damaged, []);
  assert.deepEqual(
    runs,
    expected.runs.map((run) => run.record),
  );
  for (const { record, events, requests } of expected.runs) {
    const stored = await journal.readStored(record.runId);
    assert.deepEqual(stored?.record, record);
    assert.deepEqual(stored?.events, events);
    assert.deepEqual(stored?.requests, requests);
    const filtered = await journal.listRuns({ status: record.summary.status, workflow: record.summary.workflow });
    assert.ok(filtered.runs.some(({ runId }) => runId === record.runId));
  }
}

async function readAsExpected(stateDir: string): Promise<void> {
  const reader = openJournalReader({ stateDir, clock });
  await assertAsExpected(reader);
  assert.deepEqual(await reader.checkIntegrity(), []);
  await reader.close();
}

describe("a journal of schema version 1", () => {
  let folder: string;
  let number = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-migration-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const makeOld = (): string => copyTo(join(folder, `state-${++number}`));

  it("is migrated by the first owner that opens it, and reads the same afterwards", async () => {
    const stateDir = makeOld();
    const journal = await open(stateDir);
    await assertAsExpected(journal);
    assert.deepEqual(await journal.checkIntegrity(), []);
    assert.equal(versionOf(stateDir), 2);
    await journal.create(newRun("new"));
    assert.equal((await journal.listRuns({ limit: 1 })).runs[0]?.runId, "new");
    await journal.close();
    const again = await open(stateDir);
    assert.deepEqual(await again.checkIntegrity(), []);
    await again.close();
  });

  it("has the tables of a new one then", async () => {
    const schemaOf = (stateDir: string): readonly unknown[] => {
      const db = new DatabaseSync(join(stateDir, "journal.db"));
      const rows = db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all();
      const vacuum = db.prepare("PRAGMA auto_vacuum").get();
      db.close();
      return [vacuum, ...rows];
    };
    const [old, made] = [makeOld(), join(folder, "new")];
    for (const stateDir of [old, made]) await (await open(stateDir)).close();
    assert.deepEqual(schemaOf(old), schemaOf(made));
  });

  it("is read and asked as it is, and stays what it is, as long as no owner opens it", async () => {
    const stateDir = makeOld();
    await readAsExpected(stateDir);
    const requester = openJournalRequester({ stateDir, clock });
    const at = new Date(clock.now()).toISOString();
    const request = await requester.addRequest({ runId: "interrupted", kind: "cancel", key: "k", by: "test", at });
    assert.equal(versionOf(stateDir), 1);
    // Those who have it open read on while an owner migrates it.
    const reader = openJournalReader({ stateDir, clock });
    assert.equal((await reader.listRuns()).runs.length, expected.runs.length);
    const journal = await open(stateDir);
    assert.equal(versionOf(stateDir), 2);
    for (const one of [reader, requester, journal]) {
      assert.deepEqual((await one.readRequests("interrupted")).at(-1), request);
      assert.equal((await one.listRuns({ status: "succeeded" })).runs.length > 0, true);
    }
    const second = await requester.addRequest({ ...request, key: "l" });
    assert.equal(second.id, request.id + 1);
    assert.deepEqual(await journal.checkIntegrity(), []);
    for (const one of [reader, requester, journal]) await one.close();
  });

  it("is read in a directory that cannot be written", { skip: mountSkip() }, async () => {
    const stateDir = makeOld();
    await withReadOnly(stateDir, async (view) => {
      await readAsExpected(view);
      await assert.rejects(open(view), { code: "JOURNAL_UNWRITABLE" });
    });
    assert.equal(versionOf(stateDir), 1);
  });

  it("stays as it is while one of its owners lives: JOURNAL_BUSY names that process", async () => {
    const stateDir = makeOld();
    const [run] = expected.runs;
    assert.ok(run !== undefined);
    const owner = processOf(run.record.owner);
    const lock = tryLock(ownerLockPath(stateDir, owner.id));
    await assert.rejects(open(stateDir), (error: { code: string; message: string }) => {
      assert.equal(error.code, "JOURNAL_BUSY");
      assert.ok(error.message.includes(`Process ${owner.pid} on ${owner.host}`), error.message);
      return true;
    });
    assert.equal(versionOf(stateDir), 1);
    lock?.release();
    const unknown = tryLock(ownerLockPath(stateDir, "unknown"));
    await assert.rejects(open(stateDir), { code: "JOURNAL_BUSY" });
    unknown?.release();
    await (await open(stateDir)).close();
    assert.equal(versionOf(stateDir), 2);
  });

  it("is migrated once by owners that open it at the same time", async () => {
    const stateDir = makeOld();
    const journals = await Promise.all([open(stateDir), open(stateDir), open(stateDir)]);
    for (const journal of journals) {
      assert.deepEqual(await journal.checkIntegrity(), []);
      await journal.close();
    }
  });

  it("is whole after a kill in the middle of the migration, wherever that is, and is migrated by the next", async (t) => {
    let stops = 0;
    for (let statement = 1; ; statement += 1) {
      const stateDir = makeOld();
      const child = spawn(process.execPath, [stopped, stateDir, String(statement)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const [said] = await once(child.stdout, "data");
      child.kill("SIGKILL");
      await exited;
      if (String(said) !== "stopped") break;
      stops += 1;
      await readAsExpected(stateDir);
      const journal = await open(stateDir);
      await assertAsExpected(journal);
      assert.deepEqual(await journal.checkIntegrity(), []);
      await journal.close();
    }
    t.diagnostic(`killed before each of ${stops} statements`);
    assert.ok(stops > 10);
  });

  it("stays readable on a full disk, and is migrated when there is room", { skip: mountSkip() }, async () => {
    await withSmallDisk(join(folder, "small"), 1, async (disk) => {
      const stateDir = copyTo(join(disk, "state"));
      // What SQLite itself needs to open it.
      await readAsExpected(stateDir);
      fillDisk(disk);
      await assert.rejects(open(stateDir), { code: "JOURNAL_FULL" });
      await readAsExpected(stateDir);
      rmSync(join(disk, "filler"));
      const journal = await open(stateDir);
      await assertAsExpected(journal);
      assert.equal(versionOf(stateDir), 2);
      await journal.close();
    });
  });

  it("keeps what was damaged as damage", async () => {
    for (const sql of [
      "UPDATE runs SET summary = replace(summary, 'cancelled', 'failed') WHERE run_id = 'cancelled'",
      "UPDATE runs SET summary = 'no JSON' WHERE run_id = 'cancelled'",
      "UPDATE events SET body = 'no JSON' WHERE run = (SELECT n FROM runs WHERE run_id = 'cancelled') AND seq = 3",
      "UPDATE totals SET runs = 2",
      "DELETE FROM runs WHERE run_id = 'cancelled'",
    ]) {
      const stateDir = makeOld();
      const db = new DatabaseSync(join(stateDir, "journal.db"));
      db.exec(sql);
      db.close();
      const journal = await open(stateDir);
      assert.ok((await journal.checkIntegrity()).length > 0, sql);
      const { record, events } = expected.runs.find((run) => run.record.runId === "interrupted") ?? assert.fail();
      assert.deepEqual(await journal.readEvents("interrupted"), events);
      await journal.takeOver(takeOverOf("interrupted", record.lastSeq + 1, record.epoch + 1));
      await journal.append(
        appendOf("interrupted", record.lastSeq + 2, [nodeStarted("a")], { epoch: record.epoch + 1 }),
      );
      await journal.close();
    }
  });
});
