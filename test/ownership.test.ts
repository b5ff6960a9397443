import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { checkHistory } from "../src/engine/rules.ts";
import { requirePeer } from "../src/testing/require.ts";
import type { Reply, Script } from "./crash/counting-service.ts";
import type { Ended } from "./crash/life.ts";
import { findFaketime, type MovedClock, setClock } from "./ownership/faketime.ts";
import { createRunWorld, ownerWords, type RunWorld } from "./ownership/run-world.ts";

const OK: Reply = { kind: "ok", delayMs: 0 };
const HELD: Reply = { kind: "ok", delayMs: Number.POSITIVE_INFINITY };
const faketime = requirePeer("faketime", findFaketime);

/** The first process is never answered, the others at once. */
const holdsFirst: Script = { reply: (call) => (call.life === 1 ? HELD : OK) };

/** Nobody is answered before the gate opens. */
function gated(): { readonly script: Script; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { script: { reply: () => ({ ...OK, until: promise }) }, open: resolve };
}

const skip = process.platform === "win32" ? "Windows stops no process by a signal" : false;

// A run belongs to one process, and the operating system says whether that lives (E6).
describe("the owner of a run", { timeout: 120_000, skip }, () => {
  const worlds: RunWorld[] = [];
  const open = async (script: Script): Promise<RunWorld> => {
    const world = await createRunWorld(script);
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });

  const calling = (world: RunWorld): Promise<void> =>
    new Promise((resolve) => world.service.onCall(world.runId, () => resolve()));
  const assertRefused = async (world: RunWorld, ended: Ended): Promise<void> => {
    assert.equal(ended.code, 30, ended.stderr);
    for (const word of ownerWords(await world.owner()))
      assert.ok(ended.stderr.includes(word), `${word}: ${ended.stderr}`);
    assert.equal(ended.stdout, "");
  };
  const assertWon = async (world: RunWorld, ended: Ended): Promise<void> => {
    assert.equal(ended.code, 0, ended.stderr);
    const events = await world.events();
    assert.deepEqual(checkHistory(events), []);
    assert.equal(events.at(-1)?.type, "run.succeeded");
  };

  it("is alone: a second process is refused at once, and told its pid, host and start", async () => {
    const world = await open(holdsFirst);
    const called = calling(world);
    const owner = world.start();
    await called;
    const before = await world.events();
    await assertRefused(world, await world.resume({ life: 2 }).ended);
    assert.deepEqual(await world.events(), before, "E6: nobody else appends");
    assert.equal((await world.owner()).pid, owner.pid);
    assert.deepEqual(
      world.service.callsOf(world.runId).map((call) => call.life),
      [1],
    );
  });

  it("loses the run as soon as it is killed", async () => {
    const world = await open(holdsFirst);
    const called = calling(world);
    const owner = world.start();
    await called;
    owner.signal("SIGKILL");
    await owner.ended;
    await assertWon(world, await world.resume({ life: 2 }).ended);
    const epochs = new Set((await world.events()).map((event) => event.epoch));
    assert.deepEqual([...epochs], [1, 2]);
  });

  it("keeps the run while it is stopped, and goes on with it afterwards", async () => {
    const gate = gated();
    const world = await open(gate.script);
    const called = calling(world);
    const owner = world.start();
    await called;
    owner.signal("SIGSTOP");
    await assertRefused(world, await world.resume({ life: 2 }).ended);
    // What it waited for arrives while it is stopped.
    gate.open();
    await world.service.quiet(world.runId, 1);
    await assertRefused(world, await world.resume({ life: 3 }).ended);
    owner.signal("SIGCONT");
    await assertWon(world, await owner.ended);
    assert.deepEqual([...new Set((await world.events()).map((event) => event.epoch))], [1]);
  });

  it("is one of several that want an orphan at once; the others are refused", async () => {
    for (let round = 0; round < 3; round += 1) {
      const gate = gated();
      const world = await open(gate.script);
      const called = calling(world);
      const first = world.start();
      await called;
      first.signal("SIGKILL");
      await first.ended;
      // All have seen that the owner is dead, and none has written.
      const rivals = [2, 3, 4].map((life) => world.resumeAtBarrier(life));
      await Promise.all(rivals.map((rival) => rival.saw(/^READY$/m)));
      for (const rival of rivals) rival.tell("go");
      const refused: Ended[] = [];
      const ends = rivals.map(async (rival) => {
        const ended = await rival.ended;
        if (ended.code !== 0) refused.push(ended);
        // The winner gets no answer before it is alone.
        if (refused.length === rivals.length - 1) gate.open();
        return ended;
      });
      const won = (await Promise.all(ends)).filter((ended) => ended.code === 0);
      assert.equal(won.length, 1);
      for (const ended of refused) {
        assert.equal(ended.code, 30, ended.stderr);
        assert.match(ended.stderr, /^RUN_OWNED: /m);
      }
      await assertWon(world, won[0] as Ended);
      const lives = world.service.callsOf(world.runId).map((call) => call.life);
      assert.equal(new Set(lives.filter((life) => life !== 1)).size, 1);
      await worlds.pop()?.close();
    }
  });

  describe("whatever the clock says", { skip: faketime.skip }, () => {
    const moved = faketime.found ? faketime.peer : ((() => ({})) satisfies MovedClock);
    /** A process whose clock is off by `offset`. */
    const clockOf = (world: RunWorld, offset: string, name = "clock") => {
      const file = join(world.folder, name);
      setClock(file, offset);
      return { file, env: moved(file) };
    };

    const assertMoved = async (world: RunWorld): Promise<void> => {
      const times = (await world.events()).map((event) => Date.parse(event.at));
      const hours = (Math.max(...times) - Math.min(...times)) / 3_600_000;
      assert.ok(hours > 23, "the clock was not moved");
    };

    for (const offset of ["+1d", "-1d"]) {
      it(`keeps its run before a process whose clock is off by ${offset}, running or stopped`, async () => {
        const world = await open(holdsFirst);
        const called = calling(world);
        const owner = world.start();
        await called;
        const { env } = clockOf(world, offset);
        await assertRefused(world, await world.resume({ life: 2, env }).ended);
        owner.signal("SIGSTOP");
        await assertRefused(world, await world.resume({ life: 3, env }).ended);
      });

      it(`leaves a retry wait of its length at most to a successor whose clock is off by ${offset}`, async () => {
        const world = await open({
          reply: (call) => (call.life === 1 ? { kind: "unavailable", delayMs: 0 } : OK),
        });
        const owner = world.start();
        await owner.saw(/"retry_at"/);
        owner.signal("SIGKILL");
        await owner.ended;
        const { env } = clockOf(world, offset);
        // A wait that followed the clock would last a day, and this test would not.
        await assertWon(world, await world.resume({ life: 2, env }).ended);
        await assertMoved(world);
      });

      it(`goes on when its own clock jumps by ${offset} in a retry wait`, async () => {
        const world = await open({ reply: (_, nth) => (nth === 1 ? { kind: "unavailable", delayMs: 0 } : OK) });
        const { file, env } = clockOf(world, "+0");
        const owner = world.start({ env });
        await owner.saw(/"retry_at"/);
        setClock(file, offset);
        const ended = await owner.ended;
        await assertWon(world, ended);
        await assertMoved(world);
      });
    }
  });
});
