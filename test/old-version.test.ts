// Busbar 0.1.0, whose journal has schema version 1, and this version in one state directory: real processes of both.
// BUSBAR_OLD names a folder with its source and its dependencies, as .ci/run makes one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type * as journals from "../src/adapters/journal-sqlite/journal.ts";
import type * as requesters from "../src/adapters/journal-sqlite/requester.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import type * as journalRuns from "../src/testing/journal-runs.ts";
import { requirePeer } from "../src/testing/require.ts";
import { until } from "../src/testing/until.ts";
import { bin, type Cli, chain, createCli, type Ended, jsonLines, type Running } from "./cli/harness.ts";

const OLD = requirePeer("old-version", () => process.env.BUSBAR_OLD, "BUSBAR_OLD does not name a built Busbar 0.1.0");
const oldFolder = OLD.found ? OLD.peer : "";
const clock = createSystemClock();

/** Of the source of 0.1.0, which has the same interfaces. */
const fromOld = (path: string) => import(pathToFileURL(join(oldFolder, path)).href);

describe("a process of 0.1.0 beside one of this version", { skip: OLD.skip, timeout: 120_000 }, () => {
  let cli: Cli;
  let old: Cli;
  let stateDir: string;
  let file: string;
  /** The calls that are waiting for an answer. */
  let calls: (() => void)[];
  let attempts: string[];

  beforeEach(async () => {
    [cli, old] = [createCli(), createCli(join(oldFolder, "src/cli/bin.ts"))];
    stateDir = join(cli.folder, ".busbar");
    [calls, attempts] = [[], []];
    const { address } = await cli.serve("held", async (_, { idempotencyKey = "", signal }) => {
      attempts.push(idempotencyKey);
      const answered = new Promise<void>((resolve) => calls.push(resolve));
      await Promise.race([answered, once(signal, "abort")]);
      return "done";
    });
    file = cli.write("w.json", chain({ a: address, b: address, c: address }));
  });
  afterEach(async () => {
    await old.close();
    await cli.close();
  });

  const startOld = (...args: readonly string[]): Running => old.start(args, { BUSBAR_STATE_DIR: stateDir });
  const runOld = (...args: readonly string[]): Promise<Ended> => startOld(...args).ended;
  const called = async (count: number): Promise<void> => {
    await until(() => attempts.length >= count);
  };
  const answer = async (running: Running): Promise<Ended> => {
    let ended: Ended | undefined;
    running.ended.then((how) => {
      ended = how;
    });
    while (ended === undefined) {
      for (const done of calls.splice(0)) done();
      await setTimeout(10);
    }
    return ended;
  };
  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli.run(args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const inDatabase = <T>(read: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(join(stateDir, "journal.db"), { readOnly: true });
    try {
      return read(db);
    } finally {
      db.close();
    }
  };
  const schemaVersion = (): unknown => inDatabase((db) => db.prepare("PRAGMA user_version").get()?.user_version);
  const allRows = (): unknown =>
    inDatabase((db) =>
      ["runs", "events", "requests", "owners", "definitions", "totals"].map((table) =>
        db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all(),
      ),
    );
  const typesOf = (text: string): readonly string[] => jsonLines(text).map(({ type }) => type);
  /** Opens the journal as an owner, which changes its format, and nothing else. */
  const migrateNow = (): void => {
    const { status, stderr } = spawnSync(process.execPath, [bin, "prune", "--keep", "1000", "--state-dir", stateDir]);
    assert.equal(status, 0, String(stderr));
  };

  it("goes on: it is looked at and asked, and whatever has to change the format first is refused with its pid", async () => {
    const running = startOld("run", file, "--run-id", "r1");
    await called(1);
    for (const looking of [["runs"], ["show", "r1"], ["explain", "r1"], ["events", "r1"], ["doctor"]]) {
      await succeeds(...looking);
    }
    const watching = cli.start(["watch", "r1", "--json"]);
    for (const driving of [
      ["run", file, "--run-id", "r2"],
      ["run", file, "--detach"],
      ["resume", "r1"],
      ["rerun", "r1"],
      ["prune", "--keep", "0"],
    ]) {
      const { code, stderr } = await cli.run(driving);
      assert.equal(code, 32, driving.join(" "));
      assert.match(stderr, new RegExp(`^JOURNAL_BUSY: Process ${running.child.pid} on .* in an older format`));
      assert.match(stderr, /Until that process has ended, runs can be looked at/);
    }
    await succeeds("pause", "r1");
    await running.shows("run r1 paused");
    await succeeds("unpause", "r1");
    const ended = await answer(running);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal((await watching.ended).code, 0);
    assert.equal(typesOf((await watching.ended).stdout).at(-1), "run.succeeded");
    assert.equal(schemaVersion(), 1);
    assert.match((await runOld("runs")).stdout, /^r1 +chain +succeeded/m);
    assert.deepEqual(attempts, ["r1/a/1", "r1/b/1", "r1/c/1"]);
  });

  it("is resumed after a kill, loses nothing, and is not begun again by 0.1.0, which says what to use", async () => {
    const killed = startOld("run", file, "--run-id", "r1");
    await called(1);
    const feed = cli.start(["events", "--all", "--follow", "--json"]);
    await feed.shows("node.started");
    killed.child.kill("SIGKILL");
    await killed.ended;
    const before = (await succeeds("events", "r1", "--json")).trimEnd();
    const resumed = cli.start(["resume", "r1"]);
    await called(2);
    assert.equal(schemaVersion(), 2);
    const rows = allRows();
    for (const words of [
      ["run", file],
      ["run", file, "--detach"],
      ["resume", "r1"],
      ["runs"],
      ["show", "r1"],
      ["watch", "r1"],
      ["events", "r1"],
      ["cancel", "r1"],
      ["pause", "r1"],
    ]) {
      const { code, stdout, stderr } = await runOld(...words);
      assert.deepEqual([code, stdout], [37, ""], words.join(" "));
      assert.match(stderr, /^JOURNAL_NEWER: .* has format 2; .*\n {2}→ Use that version\.\n$/);
    }
    assert.deepEqual(allRows(), rows);
    const ended = await answer(resumed);
    assert.equal(ended.code, 0, ended.stderr);
    const history = (await succeeds("events", "r1", "--json")).trimEnd();
    assert.ok(history.startsWith(`${before}\n`), history);
    assert.deepEqual(attempts, ["r1/a/1", "r1/a/1", "r1/b/1", "r1/c/1"]);
    await feed.shows("run.succeeded");
    feed.child.kill("SIGINT");
    const fed = jsonLines((await feed.ended).stdout).map(({ event }) => event);
    assert.deepEqual(fed, jsonLines(history));
    await succeeds("doctor");
  });

  it("is refused, and has written nothing, where the format changes between its look and its lock", async () => {
    const killed = startOld("run", file, "--run-id", "r1");
    await called(1);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const { openSqliteJournal }: typeof journals = await fromOld("src/adapters/journal-sqlite/journal.ts");
    const { newRun, takeOverOf }: typeof journalRuns = await fromOld("src/testing/journal-runs.ts");
    const ids = createSystemIds();
    const ownerId = (): string => {
      if (schemaVersion() === 1) migrateNow();
      return ids.ownerId();
    };
    const owner = await openSqliteJournal({ stateDir, clock, ids: { ownerId }, pid: process.pid, host: "here" });
    const rows = allRows();
    const run = (await owner.readRun("r1")) ?? assert.fail();
    await assert.rejects(owner.create(newRun("r2")), { code: "JOURNAL_DAMAGED" });
    await assert.rejects(owner.takeOver(takeOverOf("r1", run.lastSeq + 1, run.epoch + 1)), { code: "JOURNAL_DAMAGED" });
    assert.deepEqual(allRows(), rows);
    const resumed = cli.start(["resume", "r1"]);
    assert.equal((await answer(resumed)).code, 0);
    await owner.close();
    await succeeds("doctor");
  });

  it("still reads and asks where it had the journal open before: the answer is this version's", async () => {
    assert.equal((await answer(startOld("run", file, "--run-id", "r1"))).code, 0);
    const { openJournalRequester }: typeof requesters = await fromOld("src/adapters/journal-sqlite/requester.ts");
    const asker = openJournalRequester({ stateDir, clock });
    const [events, record] = [await asker.readEvents("r1"), await asker.readRun("r1")];
    const running = cli.start(["run", file, "--run-id", "r2"]);
    await called(4);
    assert.equal(schemaVersion(), 2);
    assert.deepEqual([await asker.readEvents("r1"), await asker.readRun("r1")], [events, record]);
    const at = new Date(clock.now()).toISOString();
    const { id } = await asker.addRequest({ runId: "r2", kind: "cancel", key: "k", by: "test", at });
    assert.equal((await running.ended).code, 130);
    const [request] = await asker.readRequests("r2");
    assert.deepEqual([request?.id, request?.answer?.kind], [id, "applied"]);
    await asker.close();
    await succeeds("doctor");
  });
});
