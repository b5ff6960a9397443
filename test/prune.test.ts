// Pruning beside others, and when it is killed: nothing but what was to go is lost.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { databasePath } from "../src/adapters/journal-sqlite/state-dir.ts";
import { pruneStateDir } from "../src/app/prune.ts";
import { createShared } from "../src/app/shared.ts";
import type { ErrorInfo } from "../src/kernel/errors.ts";
import { createSecrets } from "../src/kernel/secrets.ts";
import type { NewRun } from "../src/ports/journal.ts";
import { appendOf, definitionWith, newRun, nodeStarted, SUCCEEDED, summaryWith } from "../src/testing/journal-runs.ts";
import { assertOneMoment } from "../src/testing/journal-writer.ts";
import { createSqliteHarness, type SqliteHarness } from "../src/testing/sqlite-journals.ts";

const pruning = fileURLToPath(new URL("./prune/process.ts", import.meta.url));
const ENDED = summaryWith("succeeded", { ended_at: "2025-01-01T00:00:01.000Z" });

let harness: SqliteHarness;
beforeEach(() => {
  harness = createSqliteHarness();
});
afterEach(() => harness.dispose());

async function recordEnded(journal: SqliteJournal, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, i) => `r${String(i).padStart(4, "0")}`);
  await Promise.all(
    ids.map(async (runId, i) => {
      const run: NewRun = newRun(runId, { definition: definitionWith(`workflow ${i % 7}`) });
      await journal.create(run);
      await journal.append(appendOf(runId, 2, [nodeStarted("a", "x".repeat(60_000)), SUCCEEDED], { summary: ENDED }));
      const folder = join(harness.stateDir, "run-logs", runId, "a", "1");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "1.1.000000000000000.log"), "a line\n");
    }),
  );
  return ids;
}

const hasLogs = (runId: string): boolean => existsSync(join(harness.stateDir, "run-logs", runId));

const refuse = (error: ErrorInfo): void => assert.fail(error.message);

async function pruneHere(keep: number): Promise<readonly string[]> {
  const pruned: string[] = [];
  const input = { stateDir: harness.stateDir, allowRemoteState: false, keep, onDamage: refuse };
  for await (const { run_id } of pruneStateDir(input, createShared(createSecrets(() => undefined))))
    pruned.push(run_id);
  return pruned;
}

function startPruning(keep: number): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [pruning, harness.stateDir, String(keep)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return child as ReturnType<typeof startPruning>;
}

describe("pruning", () => {
  it("takes runs, their logs and workflows, and gives the space back beside an owner that lives", async () => {
    const journal = await harness.open();
    const ids = await recordEnded(journal, 150);
    await journal.create(newRun("live"));
    const before = statSync(databasePath(harness.stateDir)).size;
    const first = (await journal.readRun(ids[0] ?? ""))?.definitionHash ?? "";
    assert.deepEqual(await pruneHere(10), ids.slice(0, 140));
    const { runs, damaged } = await journal.listRuns();
    assert.deepEqual([runs.length, damaged], [11, []]);
    assert.deepEqual(ids.filter(hasLogs), ids.slice(140));
    assert.deepEqual(await journal.readUnswept(), []);
    assert.deepEqual(await journal.checkIntegrity(), []);
    const after = statSync(databasePath(harness.stateDir)).size;
    assert.ok(after < before / 3, `${before} bytes before, ${after} after`);
    assert.ok((await journal.readDefinition(first)) !== undefined, "others need it");
    assert.deepEqual(await pruneHere(0), ids.slice(140));
    assert.equal(await journal.readDefinition(first), undefined);
    await journal.append(appendOf("live", 2, [SUCCEEDED]));
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("loses nothing of runs that others drive and read meanwhile", async () => {
    const journal = await harness.open();
    const ids = await recordEnded(journal, 100);
    const writer = await harness.startWriter("live");
    const child = startPruning(20);
    const pruned = once(child, "exit");
    let over = false;
    void pruned.then(() => {
      over = true;
    });
    let reads = 0;
    while (!over || !(await writer.isOver())) {
      await setImmediate();
      const live = await journal.readStored("live");
      assert.ok(live !== undefined);
      assertOneMoment(live);
      const id = ids[reads % ids.length] ?? "";
      const stored = await journal.readStored(id);
      assert.ok(stored === undefined || stored.events.length === 3);
      reads += 1;
    }
    assert.deepEqual(await pruned, [0, null]);
    await writer.ended;
    assert.equal((await journal.readStored("live"))?.events.at(-1)?.type, "run.succeeded");
    assert.deepEqual(
      (await journal.listRuns({ ended: true })).runs.map((run) => run.runId).toReversed(),
      ids.slice(80),
    );
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("that is killed leaves each run whole or gone, and is gone on with", async (t) => {
    const journal = await harness.open();
    const ids = await recordEnded(journal, 80);
    await journal.create(newRun("live"));
    let kills = 0;
    for (const after of [1, 7, 13]) {
      const child = startPruning(30);
      let said = "";
      child.stdout.on("data", (text) => {
        said += text;
        if (said.split("\n").length > after) child.kill("SIGKILL");
      });
      const [, signal] = await once(child, "exit");
      if (signal === "SIGKILL") kills += 1;
      assert.deepEqual(await journal.checkIntegrity(), []);
      for (const runId of ids) {
        const stored = await journal.readStored(runId);
        if (stored !== undefined) assert.deepEqual([stored.events.length, hasLogs(runId)], [3, true]);
        else await assert.rejects(journal.create(newRun(runId)), { code: "RUN_EXISTS" });
      }
    }
    t.diagnostic(`killed ${kills} times`);
    assert.ok(kills > 0);
    await pruneHere(30);
    assert.deepEqual(ids.filter(hasLogs), ids.slice(50));
    assert.deepEqual(await journal.readUnswept(), []);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("leaves a damaged run, and takes the others", async () => {
    const journal = await harness.open();
    const ids = await recordEnded(journal, 4);
    harness.tamper("UPDATE runs SET epoch = 5 WHERE run_id = 'r0001'");
    harness.tamper("DELETE FROM events WHERE seq = 2 AND run = (SELECT n FROM runs WHERE run_id = 'r0002')");
    const told: unknown[] = [];
    const input = { stateDir: harness.stateDir, allowRemoteState: false, keep: 0, onDamage: told.push.bind(told) };
    const pruned: string[] = [];
    for await (const { run_id } of pruneStateDir(input, createShared(createSecrets(() => undefined)))) {
      pruned.push(run_id);
    }
    assert.deepEqual(pruned, ["r0000", "r0003"]);
    assert.equal(told.length, 2);
    assert.deepEqual(ids.filter(hasLogs), ["r0001", "r0002"]);
  });
});
