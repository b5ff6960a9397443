import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock, type SteppingClock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import { createGroupCommit, type GroupCommit, MAX_BUSY_MS } from "./group-commit.ts";
import { lockedError } from "./sqlite-errors.ts";
import type { Writes } from "./writes.ts";

interface Scripted {
  readonly commits: GroupCommit;
  readonly clock: SteppingClock;
  /** What happened to the database, in order. */
  readonly log: string[];
  /** Thrown by the next `begin`s or `commit`s, first one first; undefined passes. */
  readonly atBegin: unknown[];
  readonly atCommit: unknown[];
}

function createScripted(): Scripted {
  const clock = createSteppingClock();
  const log: string[] = [];
  const atBegin: unknown[] = [];
  const atCommit: unknown[] = [];
  const scripted = (name: string, script: unknown[]) => () => {
    const thrown = script.shift();
    log.push(thrown === undefined ? name : `${name}!`);
    if (thrown !== undefined) throw thrown;
  };
  const writes: Writes = {
    begin: scripted("begin", atBegin),
    commit: scripted("commit", atCommit),
    rollback: () => log.push("rollback"),
    create: () => assert.fail(),
    append: () => assert.fail(),
    takeOver: () => assert.fail(),
    ...{ prune: () => assert.fail(), noteSwept: () => assert.fail(), cutFreePages: () => assert.fail() },
    addRequest: () => assert.fail(),
    ...{ addToken: () => assert.fail(), revokeToken: () => assert.fail(), noteTokenUse: () => assert.fail() },
    addAudit: () => assert.fail(),
  };
  const toError = (thrown: unknown, runId: string): BusbarError =>
    new BusbarError("JOURNAL_FULL", `${runId}: ${thrown instanceof Error ? thrown.message : thrown}`);
  const commits = createGroupCommit(writes, clock, toError, () => new BusbarError("JOURNAL_BUSY", "it is locked"));
  return { commits, clock, log, atBegin, atCommit };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** More of them than a transaction takes to be told of. */
async function microtasks(): Promise<void> {
  for (let passed = 0; passed < 20; passed += 1) await undefined;
}

/** Submits a step that writes its name into the log. */
function submit({ commits, log }: Scripted, name: string): Promise<string> {
  return commits.submit(name, () => {
    log.push(name);
    return name;
  });
}

describe("group commit", () => {
  it("writes all that one turn submits, also from microtasks, in one transaction and in order (J6)", async () => {
    const scripted = createScripted();
    const fromMicrotask = Promise.resolve().then(() => submit(scripted, "c"));
    const results = await Promise.all([submit(scripted, "a"), submit(scripted, "b"), fromMicrotask]);
    assert.deepEqual(scripted.log, ["begin", "a", "b", "c", "commit"]);
    assert.deepEqual(results, ["a", "b", "c"]);
  });

  it("takes along what the next turns bring where the last transaction was of several, and waits for no more", async () => {
    const scripted = createScripted();
    await Promise.all([submit(scripted, "a"), submit(scripted, "b")]);
    scripted.log.length = 0;
    const later: Promise<string>[] = [];
    for (const name of ["c", "d", "e", "f"]) {
      later.push(submit(scripted, name));
      await turn();
    }
    await Promise.all(later);
    assert.deepEqual(scripted.log, ["begin", "c", "d", "e", "commit", "begin", "f", "commit"]);
  });

  it("does not wait where the last transaction was of one", async () => {
    const scripted = createScripted();
    await submit(scripted, "a");
    void submit(scripted, "b");
    await turn();
    assert.deepEqual(scripted.log, ["begin", "a", "commit", "begin", "b", "commit"]);
  });

  it("does not wait for a turn of the event loop where the last transaction was of the same run alone, once a turn", async () => {
    const scripted = createScripted();
    const isWithinTurn = async (name: string): Promise<boolean> => {
      return Promise.race([submit(scripted, name).then(() => true), microtasks().then(() => false)]);
    };
    const nextTurn = async (): Promise<void> => {
      for (let turns = 0; turns < 4; turns += 1) await turn();
    };
    assert.equal(await isWithinTurn("a"), false);
    await nextTurn();
    assert.equal(await isWithinTurn("a"), true);
    assert.equal(await isWithinTurn("a"), false, "the loop has not turned since");
    await nextTurn();
    assert.equal(await isWithinTurn("b"), false, "another run was the last");
    await nextTurn();
    await Promise.all([submit(scripted, "b"), submit(scripted, "c")]);
    await nextTurn();
    assert.equal(await isWithinTurn("c"), false, "it was not alone");
    await nextTurn();
  });

  it("resolves only after the commit (J1)", async () => {
    const scripted = createScripted();
    scripted.atBegin.push(lockedError("db"));
    let resolved = false;
    const done = submit(scripted, "a").then(() => {
      resolved = true;
    });
    await turn();
    await turn();
    assert.equal(resolved, false);
    scripted.clock.advance(1);
    await done;
    assert.deepEqual(scripted.log, ["begin!", "rollback", "begin", "a", "commit"]);
  });

  it("refuses one step on its own (J2)", async () => {
    const scripted = createScripted();
    const refusal = new BusbarError("JOURNAL_FENCED", "no");
    const results = await Promise.allSettled([
      submit(scripted, "a"),
      scripted.commits.submit("b", () => {
        throw refusal;
      }),
      submit(scripted, "c"),
    ]);
    assert.deepEqual(scripted.log, ["begin", "a", "c", "commit"]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(results[1].status === "rejected" && results[1].reason, refusal);
  });

  it("tries each step alone when the transaction fails, so that none fails for another (J2)", async () => {
    const scripted = createScripted();
    scripted.atCommit.push(new Error("full"), undefined, new Error("full"));
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => submit(scripted, name)));
    assert.deepEqual(scripted.log, [
      ...["begin", "a", "b", "c", "commit!", "rollback"],
      ...["begin", "a", "commit"],
      ...["begin", "b", "commit!", "rollback"],
      ...["begin", "c", "commit"],
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.match(String(results[1]?.status === "rejected" && results[1].reason), /b: full/);
  });

  it("keeps trying a locked database by timers, with what came meanwhile behind it", async () => {
    const scripted = createScripted();
    scripted.atBegin.push(lockedError("db"), lockedError("db"), lockedError("db"));
    const first = submit(scripted, "a");
    await turn();
    const second = submit(scripted, "b");
    await turn();
    for (const wait of [1, 2, 4]) {
      assert.equal(scripted.clock.pending(), 1);
      scripted.clock.advance(wait);
      await turn();
    }
    await Promise.all([first, second]);
    assert.deepEqual(scripted.log.slice(-4), ["begin", "a", "b", "commit"]);
    assert.equal(scripted.log.filter((entry) => entry === "begin!").length, 3);
    assert.equal(scripted.clock.pending(), 0);
  });

  it("gives up on a locked database after ten seconds, and works again once it is free", async () => {
    const scripted = createScripted();
    scripted.atBegin.push(...Array.from({ length: 1000 }, () => lockedError("db")));
    const waiting = [submit(scripted, "a"), submit(scripted, "b")];
    const settled = Promise.allSettled(waiting);
    await turn();
    scripted.clock.advance(MAX_BUSY_MS - 100);
    assert.ok(scripted.clock.pending() === 1);
    scripted.clock.advance(200);
    for (const result of await settled) {
      assert.equal(result.status === "rejected" && result.reason.code, "JOURNAL_BUSY");
    }
    assert.equal(scripted.clock.pending(), 0);
    scripted.atBegin.length = 0;
    assert.equal(await submit(scripted, "c"), "c");
  });

  it("says when nothing waits any more", async () => {
    const scripted = createScripted();
    await scripted.commits.settled();
    scripted.atBegin.push(lockedError("db"));
    const done: string[] = [];
    void submit(scripted, "a").then((name) => done.push(name));
    const settled = scripted.commits.settled();
    await turn();
    scripted.clock.advance(1);
    await settled;
    assert.deepEqual(done, ["a"]);
  });
});
