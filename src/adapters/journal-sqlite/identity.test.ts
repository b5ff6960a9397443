// Which journal it is: the same wherever it is opened from, and never the same as a copy of it.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock } from "../system/clock.ts";
import { createSystemIds } from "../system/ids.ts";
import type { JournalIdentity } from "./identity.ts";
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
});
