import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import { timestampOf } from "../../kernel/timestamp.ts";
import type { NewAuditEntry } from "../../ports/access.ts";
import { newRun } from "../../testing/journal-runs.ts";
import { createSqliteHarness, type SqliteHarness } from "../../testing/sqlite-journals.ts";
import type { SqliteJournal } from "./journal.ts";
import { openJournalReader } from "./reader.ts";
import { databasePath, walPath } from "./state-dir.ts";

const MINUTE = 60_000;

let harness: SqliteHarness;
let clock: SteppingClock;
let journal: SqliteJournal;
beforeEach(async () => {
  harness = createSqliteHarness();
  clock = createSteppingClock();
  journal = await harness.open({ clock });
});
afterEach(() => harness.dispose());

const entry = (action: string): NewAuditEntry => ({
  at: "2026-11-26T12:00:00.000Z",
  by: "token:abc",
  role: "admin",
  address: "127.0.0.1",
  action,
  outcome: "done",
});

/** What another process reads. */
async function readElsewhere() {
  const reader = openJournalReader({ stateDir: harness.stateDir, clock });
  try {
    return { tokens: await reader.tokens.list(), audit: await reader.audit.read() };
  } finally {
    await reader.close();
  }
}

const isDamaged = { code: "JOURNAL_DAMAGED" };

describe("tokens", () => {
  it("are told once, with 256 bits of their own, and only their hash is stored", async () => {
    const made = await journal.tokens.create({ role: "operator", name: "ci" });
    const other = await journal.tokens.create({ role: "operator" });
    assert.match(made.token, /^bbt_[A-Za-z0-9_-]{43}$/);
    assert.notEqual(made.token, other.token);
    assert.deepEqual(await journal.tokens.list(), [made.record, other.record]);
    assert.deepEqual(made.record, {
      id: made.record.id,
      role: "operator",
      name: "ci",
      created_at: timestampOf(clock.now()),
    });
    await journal.close();
    for (const path of [databasePath(harness.stateDir), walPath(harness.stateDir)]) {
      const bytes = readIfThere(path);
      for (const { token } of [made, other]) {
        const raw = token.slice("bbt_".length);
        assert.ok(!bytes.includes(raw) && !bytes.includes(Buffer.from(raw, "base64url")), path);
      }
    }
  });

  it("are found as long as they are there, and nothing else is", async () => {
    const { token, record } = await journal.tokens.create({ role: "viewer" });
    assert.deepEqual(await journal.tokens.find(token), record);
    assert.deepEqual(await journal.tokens.findById(record.id), record);
    for (const wrong of ["", "bbt_", token.slice(0, -1), `${token}A`, token.toUpperCase(), "bbt_\0", "é"]) {
      assert.equal(await journal.tokens.find(wrong), undefined, wrong);
    }
    assert.equal(await journal.tokens.revoke(record.id), true);
    assert.equal(await journal.tokens.revoke(record.id), false);
    assert.equal(await journal.tokens.find(token), undefined);
    assert.equal(await journal.tokens.findById(record.id), undefined);
    assert.deepEqual(await journal.tokens.list(), []);
  });

  it("that another process made or revoked are known at once", async () => {
    const { token, record } = await journal.tokens.create({ role: "viewer" });
    assert.deepEqual(await journal.tokens.find(token), record);
    const other = await harness.open({ clock });
    const made = await other.tokens.create({ role: "admin" });
    assert.deepEqual(await journal.tokens.find(made.token), made.record);
    assert.equal(await other.tokens.revoke(record.id), true);
    assert.equal(await journal.tokens.find(token), undefined);
    assert.deepEqual((await readElsewhere()).tokens, [made.record]);
  });

  it("end at the time that was given, and stay in the list", async () => {
    const { token, record } = await journal.tokens.create({
      role: "viewer",
      expiresAt: timestampOf(clock.now() + MINUTE),
    });
    clock.advance(MINUTE - 1);
    assert.deepEqual(await journal.tokens.find(token), record);
    clock.advance(1);
    assert.equal(await journal.tokens.find(token), undefined);
    assert.equal(await journal.tokens.findById(record.id), undefined);
    assert.deepEqual(await journal.tokens.list(), [record]);
  });

  it("tell when they were used last, written once a minute", async () => {
    const { record } = await journal.tokens.create({ role: "viewer" });
    const lastUse = async () => (await journal.tokens.list())[0]?.last_used_at;
    assert.equal(await lastUse(), undefined);
    const first = timestampOf(clock.now());
    journal.tokens.noteUse(record.id);
    await journal.audit.add(entry("after it"));
    assert.equal(await lastUse(), first);
    clock.advance(MINUTE - 1);
    journal.tokens.noteUse(record.id);
    await journal.audit.add(entry("after it"));
    assert.equal(await lastUse(), first);
    clock.advance(1);
    const second = timestampOf(clock.now());
    journal.tokens.noteUse(record.id);
    await journal.audit.add(entry("after it"));
    assert.equal(await lastUse(), second);
    journal.tokens.noteUse("nobody");
    await journal.audit.add(entry("after it"));
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  it("of people count as made for good, the server's own does not", async () => {
    assert.equal(await journal.tokens.hasMade(), false);
    const own = await journal.tokens.create({ role: "admin", own: true });
    assert.equal(own.record.own, true);
    assert.equal(await journal.tokens.hasMade(), false);
    const { record } = await journal.tokens.create({ role: "viewer" });
    assert.equal(await journal.tokens.hasMade(), true);
    await journal.tokens.revoke(record.id);
    assert.equal(await journal.tokens.hasMade(), true);
  });
});

describe("the audit log", () => {
  it("gives pages, the newest first, and goes on where one ended", async () => {
    assert.deepEqual(await journal.audit.read(), { entries: [] });
    for (let n = 1; n <= 5; n += 1) await journal.audit.add(entry(`action.${n}`));
    const first = await journal.audit.read({ limit: 2 });
    assert.deepEqual(first, {
      entries: [
        { n: 5, ...entry("action.5") },
        { n: 4, ...entry("action.4") },
      ],
      next: 4,
    });
    const rest = await journal.audit.read({ before: first.next ?? 0, limit: 3 });
    assert.deepEqual(
      rest.entries.map(({ n }) => n),
      [3, 2, 1],
    );
    assert.equal(rest.next, undefined);
    assert.deepEqual(await journal.audit.read({ before: 1 }), { entries: [] });
    assert.deepEqual((await readElsewhere()).audit.entries.length, 5);
  });

  it("has the start of a run from the commit that records it, and none of a start that is refused", async () => {
    const audit = { ...entry("run.start"), run_id: "r" };
    await journal.create({ ...newRun("r"), audit });
    await assert.rejects(journal.create({ ...newRun("r"), audit }), { code: "RUN_EXISTS" });
    assert.deepEqual((await journal.audit.read()).entries, [{ n: 1, ...audit }]);
  });

  it("has who made and revoked a token, with the token's id", async () => {
    const { record } = await journal.tokens.create({ role: "viewer", audit: entry("token.create") });
    assert.equal(await journal.tokens.revoke("nobody", entry("token.revoke")), false);
    await journal.tokens.revoke(record.id, entry("token.revoke"));
    assert.deepEqual((await journal.audit.read()).entries, [
      { n: 2, ...entry("token.revoke"), token_id: record.id },
      { n: 1, ...entry("token.create"), token_id: record.id },
    ]);
  });

  it("is numbered without gaps by several processes that write at once", async () => {
    const other = await harness.open({ clock });
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? journal : other).audit.add(entry(`action.${i}`))),
    );
    const { entries } = await journal.audit.read();
    assert.deepEqual(
      entries.map(({ n }) => n),
      Array.from({ length: 40 }, (_, i) => 40 - i),
    );
    assert.equal(new Set(entries.map(({ action }) => action)).size, 40);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });
});

describe("damage to tokens and audit log", () => {
  const cases: readonly (readonly [what: string, sql: string, reading: "tokens" | "audit"])[] = [
    ["a role that was raised", "UPDATE tokens SET role = 'admin'", "tokens"],
    ["an expiry that was taken away", "UPDATE tokens SET expires_at = NULL", "tokens"],
    ["another hash", "UPDATE tokens SET hash = replace(hash, substr(hash, 1, 1), 'x')", "tokens"],
    ["a lost token", "DELETE FROM tokens", "tokens"],
    [
      "an added token",
      "INSERT INTO tokens SELECT 'b', hash, role, name, own, created_at, expires_at, last_used_at, crc FROM tokens",
      "tokens",
    ],
    ["a changed entry", "UPDATE audit SET body = replace(body, 'token:abc', 'token:xyz') WHERE n = 2", "audit"],
    ["a lost entry", "DELETE FROM audit WHERE n = 2", "audit"],
    ["a lost end", "DELETE FROM audit WHERE n = 3", "audit"],
    [
      "entries in another order",
      "UPDATE audit SET n = 9 WHERE n = 1; UPDATE audit SET n = 1 WHERE n = 2; UPDATE audit SET n = 2 WHERE n = 9",
      "audit",
    ],
    ["counts that have changed", "UPDATE access SET made = 0", "tokens"],
    ["counts that are lost", "DELETE FROM access", "tokens"],
    ["a table under another name", "ALTER TABLE access RENAME TO excess", "tokens"],
  ];

  beforeEach(async () => {
    const expiresAt = timestampOf(clock.now() + MINUTE);
    await journal.tokens.create({ role: "viewer", expiresAt, audit: entry("token.create") });
    for (const action of ["b", "c"]) await journal.audit.add(entry(action));
    assert.deepEqual(await journal.checkIntegrity(), []);
  });

  for (const [what, sql, reading] of cases) {
    it(`refuses ${what}, and the check of the journal finds it`, async () => {
      harness.tamper(sql);
      const read = reading === "tokens" ? journal.tokens.list() : journal.audit.read();
      await assert.rejects(read, isDamaged);
      await assert.rejects(readElsewhere(), isDamaged);
      assert.ok((await journal.checkIntegrity()).some(({ error }) => error.code === "JOURNAL_DAMAGED"));
      assert.deepEqual((await journal.listRuns()).damaged, [], "runs are not concerned");
    });
  }

  it("is found where an entry lies outside of the log", async () => {
    harness.tamper("INSERT INTO audit SELECT 9, body, crc FROM audit WHERE n = 1");
    const [finding] = await journal.checkIntegrity();
    assert.equal(finding?.error.message.includes("its audit log has 4 entries, and should have 3"), true);
  });

  it("keeps no token from being revoked", async () => {
    const [{ id = "" } = {}] = await journal.tokens.list();
    harness.tamper("UPDATE tokens SET role = 'admin'");
    assert.equal(await journal.tokens.revoke(id), true);
    assert.deepEqual(await journal.checkIntegrity(), []);
  });
});

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
