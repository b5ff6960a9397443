// Which journal it is: the same wherever it is opened from, and never the same as a copy of it.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock } from "../system/clock.ts";
import { createSystemIds } from "../system/ids.ts";
import { IDENTITY_TABLE, identifyJournal, type JournalIdentity } from "./identity.ts";
import { openSqliteJournal } from "./journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "busbar-identity-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (stateDir: string) =>
  openSqliteJournal({ stateDir, clock: createSystemClock(), ids: createSystemIds(), pid: 1, host: "here" });

async function identityOf(stateDir: string): Promise<JournalIdentity> {
  const journal = await open(stateDir);
  await journal.close();
  return journal.identity;
}

describe("the identity of a journal", () => {
  it("is the same for all who open it, at once or later, moved or by another path", async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const both = await Promise.all([open(a), open(a)]);
    const [one, other] = both.map(({ identity }) => identity);
    for (const journal of both) await journal.close();
    assert.deepEqual(one, other);
    assert.equal(one?.isOlder, false);
    renameSync(a, b);
    symlinkSync(b, a, "junction");
    assert.deepEqual(await identityOf(b), one);
    assert.deepEqual(await identityOf(a), one);
  });

  it("is another one for every other journal: copied, put back from a copy, or made at the same place", async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    const ids = [(await identityOf(a)).id];
    cpSync(a, b, { recursive: true });
    ids.push((await identityOf(b)).id);
    assert.equal((await identityOf(a)).id, ids[0]);
    rmSync(a, { recursive: true });
    cpSync(b, a, { recursive: true });
    ids.push((await identityOf(a)).id);
    rmSync(a, { recursive: true });
    ids.push((await identityOf(a)).id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("says of one that an earlier version made that it is older, for as long as it is no copy", async () => {
    const stateDir = join(folder, "old");
    cpSync(fileURLToPath(new URL("../../../test/journals/v0.1.0", import.meta.url)), stateDir, { recursive: true });
    const first = await identityOf(stateDir);
    assert.equal(first.isOlder, true);
    assert.deepEqual(await identityOf(stateDir), first);
    cpSync(stateDir, join(folder, "copy"), { recursive: true });
    assert.equal((await identityOf(join(folder, "copy"))).isOlder, false);
  });

  // [number, birth, last change] of the file at each opening, as systems tell them.
  const files: readonly {
    readonly title: string;
    readonly facts: readonly (readonly bigint[])[];
    readonly same: boolean;
  }[] = [
    {
      title: "a file that changes",
      facts: [
        [7n, 100n, 120n],
        [7n, 100n, 900n],
      ],
      same: true,
    },
    {
      title: "one that was made just now",
      facts: [
        [7n, 100n, 100n],
        [7n, 100n, 900n],
        [7n, 100n, 950n],
      ],
      same: true,
    },
    {
      title: "one whose birth is told as its last change",
      facts: [
        [7n, 100n, 100n],
        [7n, 900n, 900n],
      ],
      same: true,
    },
    {
      title: "one whose birth is told as 0",
      facts: [
        [7n, 0n, 100n],
        [7n, 0n, 900n],
      ],
      same: true,
    },
    {
      title: "one whose birth not all openings see",
      facts: [
        [7n, 100n, 120n],
        [7n, 900n, 900n],
        [7n, 0n, 950n],
      ],
      same: true,
    },
    {
      title: "one without a number",
      facts: [
        [0n, 100n, 0n],
        [0n, 100n, 0n],
      ],
      same: true,
    },
    {
      title: "numbers beyond 2^53",
      facts: [
        [2n ** 64n - 1n, 100n, 120n],
        [2n ** 64n - 2n, 100n, 120n],
      ],
      same: false,
    },
    {
      title: "a copy",
      facts: [
        [7n, 100n, 120n],
        [8n, 900n, 920n],
      ],
      same: false,
    },
    {
      title: "a copy that got the same number",
      facts: [
        [7n, 100n, 120n],
        [7n, 900n, 920n],
      ],
      same: false,
    },
    {
      title: "one whose birth was learned later",
      facts: [
        [7n, 100n, 100n],
        [7n, 100n, 120n],
        [7n, 900n, 920n],
      ],
      same: false,
    },
    {
      title: "a copy where no birth is known",
      facts: [
        [7n, 120n, 120n],
        [8n, 920n, 920n],
      ],
      same: false,
    },
    {
      title: "a copy without a number",
      facts: [
        [0n, 100n, 0n],
        [0n, 900n, 0n],
      ],
      same: false,
    },
  ];
  for (const { title, facts, same } of files) {
    it(`is ${same ? "the same" : "another one"} for ${title}`, () => {
      const db = new DatabaseSync(":memory:");
      db.exec(IDENTITY_TABLE);
      const ids = facts.map(
        ([ino = 0n, birthtimeNs = 0n, ctimeNs = 0n]) => identifyJournal(db, { ino, birthtimeNs, ctimeNs }).id,
      );
      db.close();
      const [first, last] = [ids[0], ids.at(-1)];
      assert.equal(first === last, same);
    });
  }
});
