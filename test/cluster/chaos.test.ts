// Runs on a cluster of three nodes and three workers while each of them is killed or stopped and the network falls
// silent. A few dozen; with --full a thousand.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "../../src/kernel/random.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { runCampaign } from "./chaos/campaign.ts";
import { startField } from "./chaos/field.ts";
import { takeoversOf } from "./chaos/takeovers.ts";

const isFull = process.env.BUSBAR_CAMPAIGN === "full";
const SEED = Number(process.env.BUSBAR_SEED ?? 1);
const SIZE = isFull ? { count: 1_000, lanes: 12, stopsNodes: true } : { count: 50, lanes: 6, stopsNodes: false };

describe("runs on a cluster where everything breaks", {
  ...requireRestate(),
  timeout: isFull ? 3_600_000 : 300_000,
}, () => {
  it(`end as if nothing had (E1-E8; seed ${SEED})`, async (test) => {
    const field = await startField({ nodes: 3, workers: 3, connectionMs: 3_000 });
    test.after(() => field.close());
    const { runs, broken, faults } = await runCampaign(field, {
      random: createSeededRandom(SEED),
      ...SIZE,
    });
    test.diagnostic(`${runs.length} runs; broken: ${broken.map(({ kind, nth }) => `${kind} ${nth}`).join(", ")}`);
    const { killed, stopped } = takeoversOf(runs, broken);
    test.diagnostic(`lost after a kill within ${killed.join(", ")} ms; after a stop within ${stopped.join(", ")} ms`);
    assert.deepEqual(faults, []);
    assert.ok(runs.length >= SIZE.count);
    assert.ok(
      runs.some(({ events }) =>
        events.some((event) => event.type === "node.attempt_failed" && event.outcome === "lost"),
      ),
      "nothing was lost",
    );
  });
});
