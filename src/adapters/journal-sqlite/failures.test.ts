// What a journal does when the disk, the directory or another process will not let it go on.
import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RunSummary } from "../../engine/summary.ts";
import { createSteppingClock } from "../../kernel/clock.ts";
import { appendOf, newRun, nodeStarted, SUCCEEDED, takeOverOf } from "../../testing/journal-runs.ts";
import { mountSkip, withSmallDisk } from "../../testing/mounts.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { createSystemClock } from "../system/clock.ts";
import { openForWriting } from "./connection.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { SqliteJournal } from "./journal.ts";
import { createPresence } from "./presence.ts";
import { openJournalReader } from "./reader.ts";
import { createReads } from "./reads.ts";
import { indexOf } from "./rows.ts";
import { toJournalError } from "./sqlite-errors.ts";
import { databasePath, makeDatabase, prepareStateDir, remoteFileSystem, walPath } from "./state-dir.ts";
import { createWrites } from "./writes.ts";

let harness: SqliteHarness;
beforeEach(() => {
  harness = createSqliteHarness();
});
afterEach(() => harness.dispose());

/** The database under somebody else's write lock. */
function lockDatabase(): { release(): void } {
  const db = new DatabaseSync(databasePath(harness.stateDir));
  db.exec("BEGIN IMMEDIATE");
  return { release: () => db.close() };
}

describe("a locked journal", () => {
  it("is tried again by timers: the event loop goes on, and the append succeeds once the lock is gone", async () => {
    const clock = createSteppingClock();
    const journal = await harness.open({ clock });
    await journal.create(newRun("r"));
    const lock = lockDatabase();
    let done = false;
    const append = journal.append(appendOf("r", 2, [nodeStarted("a")])).then(() => {
      done = true;
    });
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
    assert.equal(done, false);
    lock.release();
    clock.advance(100);
    await append;
    assert.equal((await journal.readEvents("r")).length, 2);
  });

  it("is given up after ten seconds with JOURNAL_BUSY, which names the other process; nothing is half written", async () => {
    const clock = createSteppingClock();
    const journal = await harness.open({ clock });
    await journal.create(newRun("r"));
    const child = await harness.startOwner([newRun("theirs")]);
    const lock = lockDatabase();
    const append = journal.append(appendOf("r", 2, [nodeStarted("a")]));
    const refused = assert.rejects(append, (error: { code: string; message: string }) => {
      assert.equal(error.code, "JOURNAL_BUSY");
      assert.ok(error.message.includes(`Process ${child.pid} on `), error.message);
      return true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(11_000);
    await refused;
    lock.release();
    assert.equal((await journal.readEvents("r")).length, 1);
    await journal.append(appendOf("r", 2, [nodeStarted("a")]));
  });

  it("is shared by processes that write at the same time, and loses nothing", async () => {
    const runs = (name: string) => Array.from({ length: 60 }, (_, i) => newRun(`${name}-${i}`));
    await Promise.all(["a", "b", "c"].map((name) => harness.startOwner(runs(name))));
    const journal = await harness.open();
    assert.equal((await journal.listRuns()).runs.length, 180);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("is made once by processes that open it at the same time", async () => {
    const journals = await Promise.all([harness.open(), harness.open(), harness.open()]);
    await Promise.all(journals.map((journal, i) => journal.create(newRun(`r${i}`))));
    for (const journal of journals) assert.equal((await journal.listRuns()).runs.length, 3);
  });
});

describe("a full disk", () => {
  /** A journal whose database may not grow beyond so many pages: SQLite then says what it says on a full disk. */
  function openSmall(pages: number) {
    const { stateDir } = harness;
    prepareStateDir(stateDir, true);
    makeDatabase(stateDir);
    const db = openForWriting(databasePath(stateDir), stateDir, "FULL");
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const self = { id: "me", pid: 1, host: "here", startedAt: "2025-01-01T00:00:00.000Z", busbarVersion: null };
    const reads = createReads(db, stateDir, () => true);
    const writes = createWrites(db, stateDir, self, createPresence(stateDir), reads.owner);
    const commits = createGroupCommit(
      writes,
      createSystemClock(),
      (thrown, runId) => toJournalError(thrown, { stateDir, runId }),
      () => assert.fail("it is not busy"),
    );
    return { db, reads, commits };
  }
  const encoded = (run: { events: readonly unknown[]; summary: RunSummary }) => ({
    events: run.events.map((event) => JSON.stringify(event)),
    summary: JSON.stringify(run.summary),
    index: indexOf(run.summary),
  });

  it("refuses what does not fit with JOURNAL_FULL, all of it, and nothing of what was recorded is lost", async () => {
    const { db, reads, commits } = openSmall(40);
    await commits.submit("r", (writes) => writes.create(newRun("r"), encoded(newRun("r"))));
    let stored = 1;
    let refusal: unknown;
    while (refusal === undefined) {
      const append = appendOf("r", stored + 1, [
        nodeStarted("a", "x".repeat(2000)),
        nodeStarted("b", "y".repeat(2000)),
      ]);
      try {
        await commits.submit("r", (writes) => writes.append(append, encoded(append)));
        stored += 2;
      } catch (thrown) {
        refusal = thrown;
      }
    }
    assert.equal((refusal as { code: string }).code, "JOURNAL_FULL");
    assert.equal(db.isTransaction, false);
    assert.ok(stored > 5);
    assert.equal(reads.events("r", 0).length, stored);
    // Space is there again: the same journal goes on where it was.
    db.exec("PRAGMA max_page_count = 1000");
    const next = appendOf("r", stored + 1, [SUCCEEDED]);
    await commits.submit("r", (writes) => writes.append(next, encoded(next)));
    db.close();
    const journal = await harness.open();
    assert.equal((await journal.readEvents("r")).length, stored + 1);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("refuses only what does not fit of what one turn brings (J2)", async () => {
    const { db, reads, commits } = openSmall(40);
    await commits.submit("r", (writes) => writes.create(newRun("r"), encoded(newRun("r"))));
    const large = newRun("large", { definition: { hash: "sha256:1", text: "z".repeat(200_000), format: "json" } });
    const small = appendOf("r", 2, [nodeStarted("a")]);
    const results = await Promise.allSettled([
      commits.submit("large", (writes) => writes.create(large, encoded(large))),
      commits.submit("r", (writes) => writes.append(small, encoded(small))),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === "rejected" ? result.reason.code : "ok")),
      ["JOURNAL_FULL", "ok"],
    );
    assert.equal(reads.run("large"), undefined);
    assert.equal(reads.events("r", 0).length, 2);
    db.close();
  });

  it("of a real file system loses nothing either", { skip: mountSkip() }, async () => {
    await withSmallDisk(harness.stateDir, 1, async (disk, resize) => {
      const stateDir = join(disk, ".busbar");
      const journals: SqliteJournal[] = [];
      const open = async (): Promise<SqliteJournal> => {
        const journal = await harness.open({ stateDir });
        journals.push(journal);
        return journal;
      };
      const first = await open();
      await first.create(newRun("r"));
      let stored = 1;
      const appendUntilFull = async (): Promise<void> => {
        for (;;) {
          await first.append(appendOf("r", stored + 1, [nodeStarted("a", "x".repeat(20_000))]));
          stored += 1;
        }
      };
      await assert.rejects(appendUntilFull(), { code: "JOURNAL_FULL" });
      assert.equal((await first.readEvents("r")).length, stored);
      await first.close();

      // Not a byte is left: another process can still read, and is refused what it writes.
      const filler = openSync(join(disk, "filler"), "w");
      assert.throws(() => {
        for (;;) writeSync(filler, Buffer.alloc(4096));
      });
      closeSync(filler);
      const second = await open();
      // More than the disk: SQLite's own files may have room within.
      const takeOver = takeOverOf("r", stored + 1, 2);
      const bodies = Array.from({ length: 20 }, () => nodeStarted("a", "x".repeat(60_000)));
      const { events } = appendOf("r", stored + 2, bodies, { epoch: 2 });
      const large = { ...takeOver, events: [...takeOver.events, ...events] };
      await assert.rejects(second.takeOver(large), { code: "JOURNAL_FULL" });
      assert.equal((await second.readEvents("r")).length, stored);

      resize(8);
      await second.takeOver(takeOver);
      assert.equal((await second.readEvents("r")).length, stored + 1);
      assert.deepEqual(await second.checkIntegrity(), []);
      for (const journal of journals) await journal.close();
    });
  });
});

describe("a state directory", () => {
  const open = () => harness.open();

  it("is made with all that leads to it, and with a .gitignore of its own", async () => {
    const stateDir = join(harness.stateDir, "deep", "down");
    await harness.open({ stateDir });
    assert.equal(readFileSync(join(stateDir, ".gitignore"), "utf8"), "*\n");
  });

  it("that is a file is refused with JOURNAL_UNWRITABLE", async () => {
    writeFileSync(harness.stateDir, "");
    await assert.rejects(open(), { code: "JOURNAL_UNWRITABLE" });
  });

  const misshapen: readonly (readonly [string, RegExp, () => string])[] = [
    [
      "is a link to nowhere",
      /it is a link to nowhere, which is not there$/,
      () => {
        symlinkSync("nowhere", harness.stateDir);
        return harness.stateDir;
      },
    ],
    [
      "has a folder for a journal.db",
      /journal\.db is no file$/,
      () => {
        mkdirSync(databasePath(harness.stateDir), { recursive: true });
        return harness.stateDir;
      },
    ],
    [
      "has a file for its owners",
      /owners is no directory$/,
      () => {
        mkdirSync(harness.stateDir);
        writeFileSync(join(harness.stateDir, "owners"), "");
        return harness.stateDir;
      },
    ],
    [
      "has a path beyond what SQLite takes",
      /its path is \d+ bytes longer than SQLite takes$/,
      () => join(harness.stateDir, "d".repeat(250), "d".repeat(250)),
    ],
    [
      "has a name beyond what the file system takes",
      /the name is too long$/,
      () => join(harness.stateDir, "d".repeat(300)),
    ],
  ];
  for (const [name, message, make] of misshapen) {
    it(`that ${name} is refused with JOURNAL_UNWRITABLE, and says so`, {
      skip: process.platform === "win32",
    }, async () => {
      const stateDir = make();
      await assert.rejects(harness.open({ stateDir }), { code: "JOURNAL_UNWRITABLE", message });
    });
  }

  it("whose journal.db is a folder is refused to readers too", async () => {
    mkdirSync(databasePath(harness.stateDir), { recursive: true });
    const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
    await assert.rejects(reader.listRuns(), { code: "JOURNAL_UNREADABLE", message: /journal\.db is no file$/ });
    await reader.close();
  });

  it("on a network file system is known by its number (linux/magic.h)", () => {
    assert.equal(remoteFileSystem(0x6969), "NFS");
    assert.equal(remoteFileSystem(-11317950), "SMB"); // 0xff534d42, as a signed number
    assert.equal(remoteFileSystem(0x01021997), "9p");
    assert.equal(remoteFileSystem(0x65735546), "FUSE");
    assert.equal(remoteFileSystem(0xef53), undefined); // ext4
  });

  it("written by a newer version is refused with JOURNAL_NEWER, by owners and readers", async () => {
    await harness.createAndDie([newRun("r")]);
    harness.tamper("PRAGMA user_version = 3");
    await assert.rejects(open(), { code: "JOURNAL_NEWER" });
    const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
    await assert.rejects(reader.listRuns(), { code: "JOURNAL_NEWER" });
    await reader.close();
  });

  const spoils = [
    ["is empty", () => writeFileSync(databasePath(harness.stateDir), "")],
    ["is no database", () => writeFileSync(databasePath(harness.stateDir), "hello ".repeat(1000))],
    ["is another program's database", () => harness.tamper("PRAGMA application_id = 7")],
    ["has lost a table", () => harness.tamper("DROP TABLE events")],
    [
      "is gone while its WAL is there",
      () => {
        writeFileSync(walPath(harness.stateDir), "x");
        rmSync(databasePath(harness.stateDir));
      },
    ],
  ] as const;
  for (const [name, spoil] of spoils) {
    it(`whose journal.db ${name} is refused with JOURNAL_DAMAGED, and stays as it is`, async () => {
      const journal = await open();
      await journal.create(newRun("r"));
      await journal.close();
      assert.equal(existsSync(walPath(harness.stateDir)), false);
      spoil();
      const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
      await assert.rejects(reader.readEvents("r"), { code: "JOURNAL_DAMAGED" });
      await reader.close();
      if (name === "has lost a table") return;
      await assert.rejects(open(), { code: "JOURNAL_DAMAGED" });
      assert.equal(existsSync(databasePath(harness.stateDir)), name !== "is gone while its WAL is there");
    });
  }
});
