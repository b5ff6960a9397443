// `busbar token`: tokens of a server, made without one.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openSqliteJournal } from "../src/adapters/journal-sqlite/journal.ts";
import { createSystemClock } from "../src/adapters/system/clock.ts";
import { createSystemIds } from "../src/adapters/system/ids.ts";
import type { TokenRecord } from "../src/ports/access.ts";
import { type Cli, createCli } from "./cli/harness.ts";

let cli: Cli;
before(() => {
  cli = createCli();
});
after(() => cli.close());

const token = (...args: string[]) => cli.run(["token", ...args]);
const list = async (): Promise<readonly TokenRecord[]> => JSON.parse((await token("list", "--json")).stdout);

describe("busbar token", () => {
  it("lists none where nothing is, and makes nothing for it", async () => {
    const { code, stdout, stderr } = await token("list");
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /^no tokens in /);
    assert.deepEqual(await list(), []);
    const revoked = await token("revoke", "abc");
    assert.equal(revoked.code, 2);
    assert.match(revoked.stderr, /^TOKEN_NOT_FOUND: no token in .* has the id abc/);
    assert.equal(existsSync(join(cli.folder, ".busbar")), false);
  });

  it("makes one that a server finds, lists it without the token, and revokes it", async () => {
    const made = await token("create", "--role", "operator", "--name", "ci", "--expires", "30d");
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^bbt_[\w-]{43}\n$/);
    const [record, ...more] = await list();
    assert.ok(record !== undefined && more.length === 0);
    assert.deepEqual([record.role, record.name, record.last_used_at], ["operator", "ci", undefined]);
    assert.equal(Date.parse(record.expires_at ?? "") > Date.parse(record.created_at), true);
    assert.match(made.stderr, new RegExp(`^operator token ${record.id}, valid until 20.*; it is not shown again\n$`));
    const shown = await token("list");
    assert.match(shown.stdout, /^id +role +name +created +expires +last used\n/);
    assert.match(shown.stdout, new RegExp(`^${record.id} +operator +ci +2`, "m"));
    assert.ok(!shown.stdout.includes(made.stdout.trim()));

    const clock = createSystemClock();
    const stateDir = join(cli.folder, ".busbar");
    const journal = await openSqliteJournal({ stateDir, clock, ids: createSystemIds(), pid: 1, host: "here" });
    try {
      assert.deepEqual(await journal.tokens.find(made.stdout.trim()), record);
      const revoked = await token("revoke", record.id);
      assert.deepEqual([revoked.code, revoked.stdout], [0, `revoked ${record.id}\n`]);
      assert.equal(await journal.tokens.find(made.stdout.trim()), undefined);
      const { entries } = await journal.audit.read();
      assert.deepEqual(
        entries.map(({ action, token_id, outcome }) => [action, token_id, outcome]),
        [
          ["token.revoke", record.id, "done"],
          ["token.create", record.id, "done"],
        ],
      );
      assert.match(entries[0]?.by ?? "", /.@./);
    } finally {
      await journal.close();
    }
    assert.deepEqual(await list(), []);
    assert.equal((await token("revoke", record.id)).code, 2);
  });

  it("prints JSON for a program", async () => {
    const made = JSON.parse((await token("create", "--role", "viewer", "--json")).stdout);
    const { token: text, ...record } = made;
    assert.match(text, /^bbt_/);
    assert.deepEqual((await list()).at(-1), record);
    const { stdout } = await token("revoke", record.id, "--json");
    assert.deepEqual(JSON.parse(stdout), { revoked: record.id });
  });

  it("says what is wrong with what was typed", async () => {
    const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [[], /ACTION is missing/],
      [["make"], /make is none of create, list, revoke/],
      [["create"], /what may its bearer do\? --role viewer/],
      [["create", "--role", "root"], /--role is one of viewer, operator, admin, not "root"/],
      [["create", "--role", "viewer", "--expires", "soon"], /--expires is a duration/],
      [["create", "--role", "viewer", "--expires", "5000000w"], /--expires is too long/],
      [["create", "--role", "viewer", "--name", "x".repeat(101)], /--name has at most 100 characters/],
      [["create", "abc", "--role", "viewer"], /`busbar token create` takes no ID/],
      [["list", "abc"], /`busbar token list` takes no ID/],
      [["list", "--name", "x"], /--name is of `busbar token create`/],
      [["revoke"], /which token\? Give its ID/],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await token(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
    }
  });
});
