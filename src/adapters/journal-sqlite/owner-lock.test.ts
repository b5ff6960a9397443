import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSteppingClock } from "../../kernel/clock.ts";
import { createSteppingIds } from "../../kernel/ids.ts";
import { newRun, processOf, takeOverOf } from "../../testing/journal-runs.ts";
import { createSqliteHarness, kill, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { claimOwner, cleanOwners, isLocked, listOwnerIds, ownerLockPath, tryLock } from "./owner-lock.ts";

describe("owner locks", () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "busbar-owners-"));
    mkdirSync(join(stateDir, "owners"));
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

  const unknown = (): boolean => false;

  it("are held until they are released, and leave no file", () => {
    const claim = claimOwner(stateDir, () => "me", unknown);
    const path = ownerLockPath(stateDir, "me");
    assert.equal(isLocked(path), true);
    assert.deepEqual(readdirSync(join(stateDir, "owners")), ["me.lock"]);
    assert.equal(tryLock(path), undefined);
    claim.release();
    assert.equal(isLocked(path), false);
    assert.deepEqual(readdirSync(join(stateDir, "owners")), []);
  });

  it("are held also by an owner whose claim nobody refers to any more", async () => {
    const claim = (): void => void claimOwner(stateDir, () => "me", unknown);
    claim();
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    for (let turn = 0; turn < 3; turn += 1) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(isLocked(ownerLockPath(stateDir, "me")), true);
  });

  it("stay held whatever their own process looks up (POSIX drops them when a descriptor closes)", () => {
    const claim = claimOwner(stateDir, () => "me", unknown);
    for (let i = 0; i < 3; i++) assert.equal(isLocked(ownerLockPath(stateDir, "me")), true);
    assert.deepEqual(listOwnerIds(stateDir), ["me"]);
    assert.ok(statSync(ownerLockPath(stateDir, "me")).isFile());
    cleanOwners(stateDir, "somebody else");
    assert.equal(isLocked(ownerLockPath(stateDir, "me")), true);
    claim.release();
  });

  it("of dead owners are not held, and their files are removed; those of live ones stay", () => {
    writeFileSync(ownerLockPath(stateDir, "dead"), "");
    const live = claimOwner(stateDir, () => "live", unknown);
    assert.equal(isLocked(ownerLockPath(stateDir, "dead")), false);
    cleanOwners(stateDir, "me");
    assert.deepEqual(listOwnerIds(stateDir), ["live"]);
    assert.equal(isLocked(ownerLockPath(stateDir, "live")), true);
    live.release();
  });

  it("are never taken under an id that is taken, or that a row names", () => {
    const first = claimOwner(stateDir, () => "a", unknown);
    const ids = ["a", "b", "c"];
    const second = claimOwner(
      stateDir,
      () => ids.shift() ?? "none left",
      (id) => id === "b",
    );
    assert.equal(second.id, "c");
    first.release();
    second.release();
  });

  it("are not taken on a file that a cleaner has unlinked", {
    skip: process.platform === "win32" && "no open file can be unlinked on Windows",
  }, (test) => {
    const path = ownerLockPath(stateDir, "a");
    const lock = DatabaseSync.prototype.exec;
    // A cleaner that comes between the making of the file and its locking, once.
    const locking = test.mock.method(DatabaseSync.prototype, "exec", function (this: DatabaseSync, sql: string) {
      if (locking.mock.callCount() === 0) rmSync(path);
      return lock.call(this, sql);
    });
    const claim = claimOwner(stateDir, () => "a", unknown);
    assert.equal(locking.mock.callCount(), 2);
    assert.ok(existsSync(path));
    assert.equal(isLocked(path), true);
    claim.release();
  });
});

describe("owners of runs", () => {
  let harness: SqliteHarness;
  beforeEach(() => {
    harness = createSqliteHarness();
  });
  afterEach(() => harness.dispose());

  it("keep their runs while they are stopped, and lose them when they are killed (E6, J5)", {
    skip: process.platform === "win32" && "no SIGSTOP on Windows",
  }, async () => {
    const child = await harness.startOwner([newRun("r")]);
    const journal = await harness.open();
    child.kill("SIGSTOP");
    await assert.rejects(journal.takeOver(takeOverOf("r", 2, 2)), { code: "RUN_OWNED" });
    const run = await journal.readRun("r");
    assert.equal(run && processOf(run.owner).pid, child.pid);
    await kill(child);
    assert.equal((await journal.readRun("r"))?.owner.alive, false);
    await journal.takeOver(takeOverOf("r", 2, 2));
  });

  it("live by no clock (E6, J5)", async () => {
    const clock = createSteppingClock();
    const owner = await harness.open({ clock });
    await owner.create(newRun("r"));
    const other = await harness.open({ clock });
    clock.advance(365 * 86_400_000);
    assert.equal((await other.readRun("r"))?.owner.alive, true);
    await assert.rejects(other.takeOver(takeOverOf("r", 2, 2)), { code: "RUN_OWNED" });
  });

  it("get an id of their own, also where ids repeat", async () => {
    const first = await harness.open({ ids: createSteppingIds() });
    await first.create(newRun("r"));
    await first.close();
    const second = await harness.open({ ids: createSteppingIds() });
    assert.notEqual(second.ownerId, first.ownerId);
    assert.equal((await second.readRun("r"))?.owner.alive, false);
  });

  it("leave no lock file when they close, and the next owner removes that of a killed one", async () => {
    await harness.createAndDie([newRun("r")]);
    assert.equal(listOwnerIds(harness.stateDir).length, 1);
    const journal = await harness.open();
    assert.deepEqual(listOwnerIds(harness.stateDir), [journal.ownerId]);
    await journal.close();
    assert.deepEqual(listOwnerIds(harness.stateDir), []);
  });

  it("are asked for in numbers without taking each other for an owner (J5)", async () => {
    await harness.createAndDie([newRun("r")]);
    const [id] = listOwnerIds(harness.stateDir);
    assert.ok(id !== undefined);
    const path = ownerLockPath(harness.stateDir, id);
    const probe = new DatabaseSync(path, { readOnly: true });
    probe.exec("BEGIN; SELECT 1 FROM sqlite_schema");
    assert.equal(isLocked(path), false);
    probe.close();
  });
});
