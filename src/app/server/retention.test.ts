import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSteppingClock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { PrunedRun, PruneOptions } from "../../runtimes/shared/prune.ts";
import { DEFAULT_RETENTION, type RetentionLimits, retainRuns } from "./retention.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function setUp(limits: RetentionLimits, prune: (asked: number) => AsyncIterable<PrunedRun>) {
  const clock = createSteppingClock();
  const asked: PruneOptions[] = [];
  const troubles: string[] = [];
  const retaining = retainRuns({
    ...{ limits, clock },
    prune(options) {
      asked.push(options);
      return prune(asked.length);
    },
    onTrouble: ({ code }) => troubles.push(code),
  });
  const step = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, asked, troubles, retaining, step };
}

// biome-ignore lint/correctness/useYield: it fails before there is anything to yield.
async function* failing(): AsyncGenerator<PrunedRun> {
  throw new BusbarError("JOURNAL_BUSY", "busy");
}

async function* nothing(): AsyncGenerator<PrunedRun> {}

describe("retainRuns", () => {
  it("deletes what a server started, a while after the start and then each hour", async () => {
    const { asked, retaining, step, clock } = setUp(DEFAULT_RETENTION, nothing);
    await step(MINUTE_MS - 1);
    assert.equal(asked.length, 0);
    await step(1);
    assert.deepEqual(asked, [
      { origin: "server", olderThanMs: 90 * 24 * HOUR_MS, keep: 100_000, maxBytes: 10 * 1024 ** 3 },
    ]);
    await step(HOUR_MS);
    await step(HOUR_MS);
    assert.equal(asked.length, 3);
    await retaining.stop();
    assert.equal(clock.pending(), 0);
  });

  it("never does where nothing is limited, and asks for no limit that is off", async () => {
    const off = setUp({}, nothing);
    await off.step(HOUR_MS);
    assert.deepEqual([off.asked, off.clock.pending()], [[], 0]);
    const one = setUp({ max_runs: 3 }, nothing);
    await one.step(HOUR_MS);
    assert.deepEqual(one.asked, [{ origin: "server", keep: 3 }]);
  });

  it("tells what went wrong, and tries again an hour later", async () => {
    const { asked, troubles, step } = setUp(DEFAULT_RETENTION, (times) => (times === 1 ? failing() : nothing()));
    await step(MINUTE_MS);
    await step(HOUR_MS);
    assert.deepEqual([asked.length, troubles], [2, ["JOURNAL_BUSY"]]);
  });

  it("stops between two runs, and does not begin again", async () => {
    let went = 0;
    const { asked, retaining, step, clock } = setUp(DEFAULT_RETENTION, async function* () {
      for (;;) {
        went += 1;
        yield { run_id: "r", bytes: 1 };
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await step(MINUTE_MS);
    assert.ok(went > 1);
    await retaining.stop();
    const before = went;
    await step(10 * HOUR_MS);
    assert.deepEqual([went, asked.length, clock.pending()], [before, 1, 0]);
  });
});
