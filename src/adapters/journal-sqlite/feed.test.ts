// The feed over a journal that loses something, is replaced, damaged, or of schema version 1.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { FeedItem } from "../../ports/feed.ts";
import type { JournalReader } from "../../ports/journal.ts";
import { appendOf, newRun, nodeStarted, SUCCEEDED } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { createSystemClock } from "../system/clock.ts";
import { openJournalReader } from "./reader.ts";
import { SELECT, toTotals, totalsCrc } from "./rows.ts";

const v1 = fileURLToPath(new URL("../../../test/journals/v0.1.0/", import.meta.url));

const placeOf = (item: FeedItem): string => {
  if (item.kind === "event") return `${item.event.run_id} ${item.event.seq}`;
  return item.kind === "reset" ? `reset ${item.reason}` : item.kind;
};

async function readOn(journal: JournalReader, after?: string) {
  const items: FeedItem[] = [];
  for (let cursor = after; ; ) {
    const page = await journal.readFeed(cursor);
    items.push(...page.items);
    ({ cursor } = page);
    if (page.isEnd) return { places: items.map(placeOf), items, cursor };
  }
}

describe("the feed of a SQLite journal", () => {
  let harness: SqliteHarness;
  beforeEach(() => {
    harness = createSqliteHarness();
  });
  afterEach(() => harness.dispose());

  /** As a run is pruned: all of it goes but its id. */
  function prune(runId: string): void {
    const db = new DatabaseSync(join(harness.stateDir, "journal.db"), { timeout: 5000 });
    const totals = toTotals(db.prepare(SELECT.totals).get(), harness.stateDir);
    totals.runs -= 1;
    totals.pruned += 1;
    totals.lastPos = Number(db.prepare("SELECT max(pos) AS pos FROM events").get()?.pos);
    db.exec(`BEGIN IMMEDIATE;
      DELETE FROM events WHERE run = (SELECT n FROM runs WHERE run_id = '${runId}');
      DELETE FROM runs WHERE run_id = '${runId}';
      UPDATE totals SET runs = ${totals.runs}, last_pos = ${totals.lastPos}, pruned = ${totals.pruned}, crc = ${totalsCrc(totals)};
      COMMIT`);
    db.close();
  }

  /** Runs a, b, c, each of two events that stand beside each other. */
  async function threeRuns() {
    const journal = await harness.open();
    for (const runId of ["a", "b", "c"]) {
      await journal.create(newRun(runId));
      await journal.append(appendOf(runId, 2, [SUCCEEDED]));
    }
    return journal;
  }

  it("tells where events were pruned before they were given, and goes on behind them", async () => {
    const journal = await threeRuns();
    const { items } = await readOn(journal);
    const [cursorOfA1, cursorOfB2] = [items[0]?.cursor, items[3]?.cursor];
    prune("b");
    assert.deepEqual((await readOn(journal, cursorOfA1)).places, ["a 2", "reset pruned", "c 1", "c 2"]);
    assert.deepEqual((await readOn(journal, cursorOfB2)).places, ["c 1", "c 2"], "all of it was given");
    const { places, items: anew } = await readOn(journal);
    assert.deepEqual(places, ["a 1", "a 2", "c 1", "c 2"], "who begins has missed nothing");
    assert.deepEqual((await readOn(journal, anew[1]?.cursor)).places, ["c 1", "c 2"], "this was so before");
    prune("c");
    assert.deepEqual((await readOn(journal, cursorOfA1)).places, ["a 2", "reset pruned"], "also at the end");
    const { places: last, cursor } = await readOn(journal, anew[2]?.cursor);
    assert.deepEqual(last, ["reset pruned"]);
    await journal.create(newRun("d"));
    assert.deepEqual((await readOn(journal, cursor)).places, ["d 1"]);
    assert.deepEqual((await readOn(journal, (await readOn(journal, "now")).cursor)).places, []);
  });

  it("tells of a prune between two pages", async () => {
    const journal = await harness.open();
    for (const runId of ["a", "b"]) {
      await journal.create(newRun(runId));
      const bodies = Array.from({ length: 300 }, (_, index) => nodeStarted(`n${index}`));
      await journal.append(appendOf(runId, 2, bodies));
    }
    const first = await journal.readFeed();
    assert.equal(first.isEnd, false);
    prune("b");
    const { items, places } = await readOn(journal, first.cursor);
    assert.deepEqual([first.items.length + items.length, places.at(-1)], [302, "reset pruned"]);
  });

  it("does not give a position twice: a feed from one that was pruned last misses nothing that comes later", async () => {
    const journal = await threeRuns();
    const { cursor } = await readOn(journal);
    prune("c");
    await journal.create(newRun("d"));
    assert.deepEqual((await readOn(journal, cursor)).places, ["d 1"]);
  });

  it("ends a page by its size, too", async () => {
    const journal = await harness.open();
    await journal.create(newRun("r"));
    const large = "x".repeat(60_000);
    await journal.append(
      appendOf(
        "r",
        2,
        Array.from({ length: 9 }, (_, i) => nodeStarted(`n${i}`, large)),
      ),
    );
    const page = await journal.readFeed();
    assert.deepEqual([page.items.length, page.isEnd], [3, false]);
    assert.equal((await readOn(journal)).places.length, 10);
  });

  it("tells of an event that is damaged, lost its run or its predecessor, and goes on with the others", async () => {
    const journal = await threeRuns();
    const { items: sound } = await readOn(journal);
    harness.tamper(`UPDATE events SET body = replace(body, 'succeeded', 'successes') WHERE run = 1 AND seq = 2`);
    harness.tamper("DELETE FROM events WHERE run = 2 AND seq = 1");
    harness.tamper("DELETE FROM runs WHERE n = 3");
    const { places, items } = await readOn(journal);
    assert.deepEqual(places, ["a 1", "damaged", "damaged", "damaged", "damaged"]);
    const told = items.flatMap((item) => (item.kind === "damaged" ? [item.error] : []));
    assert.deepEqual(
      told.map(({ code, details }) => [code, details?.run_id, details?.seq]),
      [
        ["JOURNAL_DAMAGED", "a", 2],
        ["JOURNAL_DAMAGED", "b", 2],
        ["JOURNAL_DAMAGED", undefined, undefined],
        ["JOURNAL_DAMAGED", undefined, undefined],
      ],
    );
    assert.deepEqual((await readOn(journal, items[2]?.cursor)).places, ["damaged", "damaged"]);
    assert.deepEqual(
      (await readOn(journal, sound[2]?.cursor)).places[0],
      "reset unknown",
      "its event is gone unpruned",
    );
  });

  it("tells of a cursor of another journal, at the same position or where there is none", async () => {
    const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
    const journal = await threeRuns();
    const { cursor } = await readOn(reader);
    await journal.close();
    renameSync(harness.stateDir, `${harness.stateDir}.away`);
    assert.deepEqual((await readOn(reader, cursor)).places, ["reset unknown"], "nothing is there");
    const other = await harness.open();
    for (const runId of ["u", "v", "w"]) {
      await other.create(newRun(runId));
      assert.deepEqual((await readOn(reader, cursor)).places[0], "reset unknown");
      await other.append(appendOf(runId, 2, [SUCCEEDED]));
    }
    assert.deepEqual((await readOn(reader, cursor)).places, [
      "reset unknown",
      "u 1",
      "u 2",
      "v 1",
      "v 2",
      "w 1",
      "w 2",
    ]);
    await reader.close();
  });

  it("reads a journal of version 1 as it is; its cursors hold when it has been migrated", async () => {
    mkdirSync(join(harness.stateDir, "owners"), { recursive: true });
    for (const file of ["journal.db", "journal.db-wal"]) cpSync(join(v1, file), join(harness.stateDir, file));
    const reader = openJournalReader({ stateDir: harness.stateDir, clock: createSystemClock() });
    const old = await readOn(reader);
    const { runs } = await reader.listRuns();
    for (const { runId } of runs) {
      assert.deepEqual(
        old.items.flatMap((item) => (item.kind === "event" && item.event.run_id === runId ? [item.event] : [])),
        await reader.readEvents(runId),
      );
    }
    assert.deepEqual(new Set(old.items.map(({ kind }) => kind)), new Set(["event"]));
    const journal = await harness.open();
    assert.deepEqual((await readOn(reader)).items, old.items);
    for (const [index, { cursor }] of old.items.entries()) {
      assert.deepEqual((await readOn(journal, cursor)).places, old.places.slice(index + 1));
    }
    await journal.create(newRun("new"));
    assert.deepEqual((await readOn(reader, old.cursor)).places, ["new 1"]);
    await reader.close();
  });
});
