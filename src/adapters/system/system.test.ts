import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { RUN_ID_PATTERN } from "../../kernel/ids.ts";
import { createSystemClock } from "./clock.ts";
import { createSystemIds } from "./ids.ts";
import { createSystemRandom } from "./random.ts";

describe("the system's clock", () => {
  it("never goes back, and tells the wall time", () => {
    const clock = createSystemClock();
    const first = clock.monotonic();
    assert.ok(clock.monotonic() >= first);
    assert.ok(clock.now() > Date.UTC(2025, 0, 1));
  });

  it("chains waits that are longer than a timer can hold", (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.after(() => mock.timers.reset());
    let fired = 0;
    createSystemClock().after(2 ** 31 + 1000, () => {
      fired += 1;
    });
    mock.timers.tick(2 ** 31 - 1);
    assert.equal(fired, 0);
    mock.timers.tick(1000);
    assert.equal(fired, 0);
    mock.timers.tick(1);
    assert.equal(fired, 1);
  });

  it("can be told to forget a wait, also in its second link", (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.after(() => mock.timers.reset());
    const cancel = createSystemClock().after(2 ** 31 + 1000, () => assert.fail("it was cancelled"));
    mock.timers.tick(2 ** 31);
    cancel();
    mock.timers.tick(10_000);
  });
});

describe("the system's ids", () => {
  it("makes run ids that people can read and that sort in the order of their making, within a millisecond too", () => {
    let now = Date.UTC(2026, 10, 23, 15, 42, 10, 7);
    const ids = createSystemIds(() => now);
    const made: string[] = [];
    for (let i = 0; i < 5000; i++) {
      if (i % 100 === 0) now += 1;
      if (i === 2500) now -= 60_000;
      made.push(ids.runId());
    }
    assert.match(made[0] ?? "", /^20261123T154210-[0-9a-z]{6}$/);
    assert.ok(made.every((id) => RUN_ID_PATTERN.test(id)));
    assert.deepEqual(made.toSorted(), made);
    assert.equal(new Set(made).size, made.length);
  });

  it("makes span and owner ids of their form, all different", () => {
    const ids = createSystemIds();
    assert.match(ids.spanId(), /^[0-9a-f]{16}$/);
    assert.match(ids.ownerId(), RUN_ID_PATTERN);
    assert.equal(new Set(Array.from({ length: 1000 }, () => ids.ownerId())).size, 1000);
  });
});

describe("the system's randomness", () => {
  it("draws from [0, 1)", () => {
    const random = createSystemRandom();
    for (let i = 0; i < 1000; i++) {
      const draw = random.next();
      assert.ok(draw >= 0 && draw < 1);
    }
  });
});
