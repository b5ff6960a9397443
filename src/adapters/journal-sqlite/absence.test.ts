import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { newRun } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import { databasePath } from "./state-dir.ts";

/** So many that the index of ids has several pages, and a root that leads to them. */
const RUNS = 400;
const PAGE = 4096;
/** Kinds of pages, and where their headers say how many entries they have: https://www.sqlite.org/fileformat.html */
const [INTERIOR, LEAF, ENTRIES] = [0x02, 0x0a, 3];

const idOf = (nth: number): string => `run-${String(nth).padStart(8, "0")}`;

describe("a look-up of a run in a journal whose index of ids is damaged", () => {
  let harness: SqliteHarness;
  let sound: Buffer;
  /** Where the pages of the index begin: its root, and the leaves in the order of their ids. */
  let root: number;
  let leaves: number[];

  before(async () => {
    harness = createSqliteHarness();
    const journal = await harness.open();
    await Promise.all(Array.from({ length: RUNS }, (_, nth) => journal.create(newRun(idOf(2 * nth)))));
    await journal.close();
    sound = readFileSync(databasePath(harness.stateDir));
    const db = new DatabaseSync(databasePath(harness.stateDir), { readOnly: true });
    const row = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_runs_1'").get();
    db.close();
    const startOf = (page: number): number => (page - 1) * PAGE;
    root = startOf(Number(row?.rootpage));
    assert.equal(sound[root], INTERIOR);
    const children = entriesOf(sound, root).map((entry) => sound.readUInt32BE(entry));
    leaves = [...children, sound.readUInt32BE(root + 8)].map(startOf);
    assert.ok(leaves.length > 1 && leaves.every((leaf) => sound[leaf] === LEAF));
  });
  after(() => harness.dispose());

  /** Where the entries of a page lie, in the order of their ids. */
  function entriesOf(bytes: Buffer, page: number): readonly number[] {
    const header = bytes[page] === INTERIOR ? 12 : 8;
    const count = bytes.readUInt16BE(page + ENTRIES);
    return Array.from({ length: count }, (_, nth) => page + bytes.readUInt16BE(page + header + 2 * nth));
  }

  /** How each recorded run, and each id between two of them, is answered. */
  async function lookUpAll(change: (bytes: Buffer) => void) {
    const bytes = Buffer.from(sound);
    change(bytes);
    writeFileSync(databasePath(harness.stateDir), bytes);
    const reader = await harness.openRequester();
    const answers = { found: 0, absent: 0, refused: 0 };
    for (let nth = 0; nth < 2 * RUNS; nth += 1) {
      try {
        const run = await reader.readRun(idOf(nth));
        if (run === undefined && nth % 2 === 0) assert.fail(`${idOf(nth)} is said not to be there`);
        assert.ok(run === undefined || run.runId === idOf(nth));
        answers[run === undefined ? "absent" : "found"] += 1;
      } catch (thrown) {
        assert.ok(thrown instanceof Error && "code" in thrown && thrown.code === "JOURNAL_DAMAGED", String(thrown));
        answers.refused += 1;
      }
    }
    await reader.close();
    return answers;
  }

  it("says of all others that they are not there, where nothing is damaged", async () => {
    assert.deepEqual(await lookUpAll(() => undefined), { found: RUNS, absent: RUNS, refused: 0 });
  });

  it("is refused where the id has changed in a leaf; other runs are found, and others are not there", async () => {
    const { found, absent, refused } = await lookUpAll((bytes) => {
      const [entry = 0] = entriesOf(bytes, leaves[1] ?? 0).slice(9);
      bytes[bytes.indexOf("run-", entry)] = "s".charCodeAt(0);
    });
    assert.equal(found + absent + refused, 2 * RUNS);
    assert.ok(refused >= 3 && found > RUNS / 2 && absent > RUNS / 2, `${refused} refused, ${found} found`);
  });

  it("is refused where the id has changed that leads to the leaves", async () => {
    const { refused } = await lookUpAll((bytes) => {
      const [entry = 0] = entriesOf(bytes, root);
      bytes[bytes.indexOf("run-", entry)] = "a".charCodeAt(0);
    });
    assert.ok(refused > 3, `${refused} refused`);
  });

  it("is refused where an entry was lost, and one leads to another's place", async () => {
    const lost = await lookUpAll((bytes) => {
      const leaf = leaves[0] ?? 0;
      bytes.writeUInt16BE(bytes.readUInt16BE(leaf + ENTRIES) - 1, leaf + ENTRIES);
    });
    assert.deepEqual(lost, { found: RUNS - 1, absent: 0, refused: RUNS + 1 });
    const moved = await lookUpAll((bytes) => {
      const pointers = (leaves[0] ?? 0) + 8;
      bytes.copy(bytes, pointers + 2 * 20, pointers + 2 * 40, pointers + 2 * 41);
    });
    assert.ok(moved.refused >= 3, `${moved.refused} refused`);
  });
});
