// An open file outlives its name. Nothing counts as durable that the next owner would not find (J1).
import assert from "node:assert/strict";
import { renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { BusbarError } from "../../kernel/errors.ts";
import { appendOf, definitionWith, newRun, nodeStarted, SUCCEEDED } from "../../testing/journal-runs.ts";
import { mountSkip, withMountOver } from "../../testing/mounts.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { STATE_LOSSES } from "../../testing/state-losses.ts";
import { createSystemClock } from "../system/clock.ts";
import { openForWriting } from "./connection.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { SqliteJournal } from "./journal.ts";
import { ownerLockPath } from "./owner-lock.ts";
import { createPresence } from "./presence.ts";
import { openJournalReader } from "./reader.ts";
import { createReads } from "./reads.ts";
import { indexOf } from "./rows.ts";
import { toJournalError } from "./sqlite-errors.ts";
import { databasePath, walPath } from "./state-dir.ts";
import { createWrites } from "./writes.ts";

const GONE = { code: "JOURNAL_GONE" };
const skip = process.platform === "win32" && "Windows lets nobody remove or replace a file that is open";

let harness: SqliteHarness;
let other: string;
beforeEach(async () => {
  harness = createSqliteHarness();
  other = join(harness.stateDir, "..", "other");
  const journal = await harness.open({ stateDir: other });
  await journal.create(newRun("theirs"));
  await journal.close();
});
afterEach(() => harness.dispose());

/** With a run that is in the database by now, and one in the WAL. */
async function openWithRuns(): Promise<SqliteJournal> {
  const before = await harness.open();
  const definition = definitionWith("a workflow that fills pages of its own ".repeat(1000));
  await before.create(newRun("before", { definition }));
  await before.close();
  const journal = await harness.open();
  await journal.create(newRun("r"));
  await journal.append(appendOf("r", 2, [nodeStarted("a")]));
  return journal;
}

describe("a journal whose files are lost while it is open", { skip }, () => {
  for (const { title, happen, inPlace } of STATE_LOSSES) {
    it(`takes nothing more: ${title}`, async () => {
      const journal = await openWithRuns();
      const version = journal.version();
      happen(harness.stateDir, other);
      const end = appendOf("r", 3, [SUCCEEDED]);
      await assert.rejects(journal.append(end), GONE);
      const together = await Promise.allSettled([journal.append(end), journal.create(newRun("next"))]);
      assert.deepEqual(
        together.map((result) => result.status === "rejected" && result.reason.code),
        ["JOURNAL_GONE", "JOURNAL_GONE"],
      );
      if (inPlace) return;
      // Nor does it show what nobody else can see; whoever looks for something new learns of it.
      await assert.rejects(journal.readEvents("r"), GONE);
      await assert.rejects(journal.listRuns(), GONE);
      assert.notEqual(journal.version(), version);
    });

    if (inPlace) continue;
    it(`shows by its version, a turn of the event loop later: ${title}`, async () => {
      const journal = await openWithRuns();
      journal.version();
      const version = journal.version();
      happen(harness.stateDir, other);
      await setImmediate();
      assert.notEqual(journal.version(), version);
    });

    it(`acknowledges nothing that was committed meanwhile: ${title}`, async () => {
      const journal = await openWithRuns();
      await journal.close();
      const { stateDir } = harness;
      const db = openForWriting(databasePath(stateDir), stateDir, "FULL");
      const self = { id: "me", pid: 1, host: "here", startedAt: "2025-01-01T00:00:00.000Z", busbarVersion: null };
      const reads = createReads(db, stateDir, () => true);
      const presence = createPresence(stateDir);
      const lock = ownerLockPath(stateDir, "me");
      writeFileSync(lock, "");
      presence.include(lock);
      const writes = createWrites(db, stateDir, self, presence, reads.owner);
      const toError = (thrown: unknown) => toJournalError(thrown, { stateDir });
      const commits = createGroupCommit(writes, createSystemClock(), toError, () => assert.fail("it is not busy"));
      const run = newRun("new");
      const events = run.events.map((event) => JSON.stringify(event));
      const encoded = { events, summary: "{}", index: indexOf(run.summary) };
      const results = await Promise.allSettled([
        commits.submit("new", (steps) => {
          steps.create(run, encoded);
          happen(stateDir, other);
        }),
        commits.submit("before", () => "with it"),
      ]);
      assert.deepEqual(
        results.map((result) => result.status === "rejected" && result.reason.code),
        ["JOURNAL_GONE", "JOURNAL_GONE"],
      );
      db.close();
    });
  }

  it("goes on where others committed between its opening and its first write, whatever else is damaged", async () => {
    await openWithRuns();
    const journal = await harness.open();
    await harness.damage("r", 2);
    await journal.create(newRun("next"));
    await journal.append(appendOf("next", 2, [SUCCEEDED]));
    await assert.rejects(journal.readEvents("r"), { code: "JOURNAL_DAMAGED" });
  });

  it("goes on where they are put back as they were", async () => {
    const journal = await openWithRuns();
    renameSync(harness.stateDir, `${harness.stateDir}.moved`);
    await assert.rejects(journal.append(appendOf("r", 3, [SUCCEEDED])), GONE);
    renameSync(`${harness.stateDir}.moved`, harness.stateDir);
    await journal.append(appendOf("r", 3, [SUCCEEDED]));
    assert.equal((await journal.readEvents("r")).length, 3);
  });

  it("touches nothing of what lies in their place when it is closed", async () => {
    const journal = await openWithRuns();
    renameSync(harness.stateDir, `${harness.stateDir}.moved`);
    const successor = await harness.open();
    await successor.create(newRun("theirs"));
    await journal.close();
    await successor.append(appendOf("theirs", 2, [nodeStarted("a")]));
    const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
    assert.equal((await reader.readEvents("theirs")).length, 2);
    assert.deepEqual(await reader.checkIntegrity(), []);
    await reader.close();
  });

  it("takes nothing more where another disk is mounted over it", { skip: mountSkip() }, async () => {
    const journal = await openWithRuns();
    await withMountOver(harness.stateDir, async () => {
      await assert.rejects(journal.append(appendOf("r", 3, [SUCCEEDED])), GONE);
    });
    await journal.append(appendOf("r", 3, [SUCCEEDED]));
  });

  it("is told of by its message: what is gone, and where", async () => {
    const cases: readonly (readonly [happen: (stateDir: string) => void, why: RegExp])[] = [
      [(stateDir) => rmSync(stateDir, { recursive: true }), /^The state directory .*\/s0 is gone$/],
      [(stateDir) => rmSync(databasePath(stateDir)), /^journal\.db in the state directory .*\/s1 is gone$/],
      [
        (stateDir) => renameSync(databasePath(other), databasePath(stateDir)),
        /^journal\.db in the state directory .*\/s2 was replaced by another file$/,
      ],
    ];
    for (const [index, [happen, why]] of cases.entries()) {
      const stateDir = join(harness.stateDir, "..", `s${index}`);
      const journal = await harness.open({ stateDir });
      happen(stateDir);
      await assert.rejects(journal.create(newRun("r")), (error: Error) => why.test(error.message), `${why}`);
    }
  });
});

describe("a journal that others work on", () => {
  it("goes on when they write, move the WAL into the database, or touch a file and leave what is in it", async () => {
    const journal = await openWithRuns();
    const neighbour = new DatabaseSync(databasePath(harness.stateDir));
    const changes: readonly (() => unknown)[] = [
      () => neighbour.exec("UPDATE totals SET runs = runs"),
      () => neighbour.exec("PRAGMA wal_checkpoint(FULL)"),
      () => neighbour.exec("PRAGMA wal_checkpoint(TRUNCATE)"),
      () => utimesSync(databasePath(harness.stateDir), 1, 1),
      () => utimesSync(walPath(harness.stateDir), 1, 1),
    ];
    let seq = 2;
    for (const change of [...changes, ...changes.toReversed()]) {
      change();
      seq += 1;
      await journal.append(appendOf("r", seq, [nodeStarted("a", "x".repeat(5000))]));
    }
    neighbour.close();
    assert.equal((await journal.readEvents("r")).length, seq);
  });
});

describe("a reader of a journal whose files are lost", { skip }, () => {
  for (const { title, happen, inPlace } of STATE_LOSSES.filter(({ title }) => !/locks|-shm|-wal/.test(title))) {
    if (inPlace) continue;
    it(`shows what lies there now: ${title}`, async () => {
      const journal = await openWithRuns();
      const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
      assert.equal((await reader.readEvents("r")).length, 2);
      const version = reader.version();
      happen(harness.stateDir, other);
      assert.ok(reader.version() > version);
      const newcomer = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
      const seen = await Promise.all(
        [reader, newcomer].map((one) => one.listRuns().catch((thrown: BusbarError) => thrown.code)),
      );
      assert.deepEqual(seen[0], seen[1]);
      for (const one of [reader, newcomer]) await one.close();
      await assert.rejects(journal.listRuns(), GONE);
    });
  }
});
