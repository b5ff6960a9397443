import assert from "node:assert/strict";
import { closeSync, cpSync, existsSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { appendOf, newRun, nodeStarted } from "../../testing/journal-runs.ts";
import { mountSkip, withReadOnly, withSmallDisk } from "../../testing/mounts.ts";
import { createSqliteHarness, kill, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { createSystemClock } from "../system/clock.ts";
import { openJournalReader, type SqliteReader } from "./reader.ts";
import { takeSnapshot } from "./snapshot.ts";

const clock = createSystemClock();

describe("the journal's reader", () => {
  let harness: SqliteHarness;
  let readers: SqliteReader[];
  beforeEach(() => {
    harness = createSqliteHarness();
    readers = [];
  });
  afterEach(async () => {
    for (const reader of readers) await reader.close();
    await harness.dispose();
  });
  const open = (stateDir: string = harness.stateDir): SqliteReader => {
    const reader = openJournalReader({ stateDir, clock });
    readers.push(reader);
    return reader;
  };

  it("finds nothing where nothing is, and makes nothing", async () => {
    const reader = open();
    assert.deepEqual(await reader.listRuns(), { runs: [], damaged: [] });
    assert.equal(await reader.readRun("r"), undefined);
    assert.equal(await reader.readStored("r"), undefined);
    assert.deepEqual(await reader.readEvents("r"), []);
    assert.deepEqual(await reader.readRequests("r"), []);
    assert.equal(await reader.readDefinition("sha256:0"), undefined);
    assert.deepEqual(await reader.checkIntegrity(), []);
    assert.equal(existsSync(harness.stateDir), false);
  });

  it("sees a journal that appears later, and what a live owner writes, by its version", async () => {
    const reader = open();
    const none = reader.version();
    assert.deepEqual(await reader.listRuns(), { runs: [], damaged: [] });
    const journal = await harness.open();
    await journal.create(newRun("r"));
    assert.equal((await reader.readRun("r"))?.owner.alive, true);
    const before = reader.version();
    assert.notEqual(before, none);
    assert.equal(reader.version(), before);
    await journal.append(appendOf("r", 2, [nodeStarted("a")]));
    assert.notEqual(reader.version(), before);
    assert.equal((await reader.readEvents("r")).length, 2);
  });

  it("takes no lock: it is no owner, and keeps nobody from writing", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    const reader = open();
    await reader.listRuns();
    assert.equal(readdirSync(join(harness.stateDir, "owners")).length, 1);
    await journal.append(appendOf("r", 2, [nodeStarted("a")]));
  });

  it("reads what a killed owner left in the WAL", async () => {
    await harness.createAndDie([newRun("r"), newRun("s")]);
    const reader = open();
    assert.deepEqual(
      (await reader.listRuns({ interrupted: true })).runs.map((run) => run.runId),
      ["s", "r"],
    );
    assert.equal((await reader.readEvents("r")).length, 1);
  });

  it("refuses everything once it is closed", async () => {
    const reader = open();
    await reader.close();
    await assert.rejects(reader.listRuns(), { code: "JOURNAL_FAILED" });
  });

  it("removes its copies", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    const snapshot = takeSnapshot(harness.stateDir);
    assert.ok(existsSync(snapshot.databasePath));
    snapshot.remove();
    assert.equal(existsSync(dirname(snapshot.databasePath)), false);
  });

  describe("on a read-only directory", () => {
    const skip = mountSkip();
    const variants = [
      ["after its owner closed it", async () => (await makeTwo(await harness.open())).close()],
      ["after its owner was killed", () => harness.createAndDie([newRun("r"), newRun("s")])],
      [
        "after its owner was killed and the shared memory file was lost",
        async () => {
          await harness.createAndDie([newRun("r"), newRun("s")]);
          rmSync(join(harness.stateDir, "journal.db-shm"));
        },
      ],
    ] as const;
    const makeTwo = async (journal: Awaited<ReturnType<SqliteHarness["open"]>>) => {
      await journal.create(newRun("r"));
      await journal.create(newRun("s"));
      return journal;
    };

    for (const [name, prepare] of variants) {
      it(`reads everything, ${name}, and leaves nothing`, { skip }, async () => {
        await prepare();
        await withReadOnly(harness.stateDir, async (mounted) => {
          const before = temporaryFolders();
          const reader = open(mounted);
          assert.deepEqual(
            (await reader.listRuns()).runs.map((run) => run.runId),
            ["s", "r"],
          );
          assert.equal((await reader.readEvents("s")).length, 1);
          assert.equal((await reader.readRun("s"))?.owner.alive, false);
          assert.deepEqual(await reader.checkIntegrity(), []);
          await reader.close();
          assert.deepEqual(temporaryFolders(), before);
        });
      });
    }

    it("still sees whether the owner lives", { skip }, async () => {
      const child = await harness.startOwner([newRun("r")]);
      await withReadOnly(harness.stateDir, async (mounted) => {
        const reader = open(mounted);
        assert.equal((await reader.readRun("r"))?.owner.alive, true);
        await kill(child);
        assert.equal((await reader.readRun("r"))?.owner.alive, false);
        await reader.close();
      });
    });

    it("says what is wrong with the folder for temporary files, and blames no other", { skip }, async () => {
      await harness.createAndDie([newRun("r")]);
      rmSync(join(harness.stateDir, "journal.db-shm"));
      const { TMPDIR } = process.env;
      const file = join(dirname(harness.stateDir), "file");
      writeFileSync(file, "");
      try {
        await withReadOnly(harness.stateDir, async (mounted) => {
          const refuses = async (folder: string, why: RegExp): Promise<void> => {
            process.env.TMPDIR = folder;
            const message = new RegExp(`for that, ${folder}, takes none: ${why.source}$`);
            await assert.rejects(open(mounted).listRuns(), { code: "JOURNAL_TEMP_UNUSABLE", message });
          };
          await refuses("/nowhere/at/all", /there is no such folder/);
          await refuses(file, /a part of the path is no directory/);
          await refuses(mounted, /the file system is read-only/);
          await withSmallDisk(harness.stateDir, 1, async (disk) => {
            const filler = openSync(join(disk, "filler"), "w");
            assert.throws(() => {
              for (;;) writeSync(filler, Buffer.alloc(4096));
            });
            closeSync(filler);
            await refuses(disk, /the disk is full/);
            assert.deepEqual(readdirSync(disk), ["filler"]);
          });
        });
      } finally {
        if (TMPDIR === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = TMPDIR;
      }
    });

    it("refuses an owner with JOURNAL_UNWRITABLE, and loses nothing", { skip }, async () => {
      await harness.createAndDie([newRun("r")]);
      await withReadOnly(harness.stateDir, async (mounted) => {
        await assert.rejects(harness.open({ stateDir: mounted }), { code: "JOURNAL_UNWRITABLE" });
      });
      assert.equal((await open().readEvents("r")).length, 1);
    });
  });

  it("reads a copy of the folder made by other means", async () => {
    await harness.createAndDie([newRun("r")]);
    const copy = join(dirname(harness.stateDir), "copy");
    cpSync(harness.stateDir, copy, { recursive: true });
    assert.equal((await open(copy).readEvents("r")).length, 1);
  });
});

function temporaryFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("busbar-journal-"));
}
