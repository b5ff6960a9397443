// The same workflows, outcomes and requests on the local runtime and on a cluster: runs come to the same.
// `--full` (BUSBAR_CAMPAIGN=full) plays 1,000 instead of a sample; BUSBAR_SEED=N plays one again.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { differ } from "./differential/differ.ts";
import { seedsOf } from "./differential/seeds.ts";
import { createStage, type Stage } from "./differential/stage.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

const SAMPLE = 80;
const FULL = 1000;
/** Trials at once: more only wait for the processor. */
const LANES = 12;

/** What a sample that is worth its time has done, and what came back. */
const INTERESTING = [
  ...["start started", "end told", "cancel applied", "pause applied", "unpause applied", "unpause RUN_NOT_PAUSED"],
  ...["resume failed", "resume cancelled", "resume RUN_OWNED", "rerun kept"],
];

describe("a cluster beside the local runtime", requireRestate(), () => {
  let cluster: TestCluster;
  let stage: Stage;
  before(async () => {
    stage = createStage();
    cluster = await startCluster({ nodes: 1 });
    const { port } = await cluster.startWorker(stage.executor);
    await cluster.register(port);
  });
  after(() => cluster?.close());

  it("comes to the same: statuses, attempts, keys, rounds, reasons, answers", async (test) => {
    const seeds = seedsOf(process.env.BUSBAR_CAMPAIGN === "full" ? FULL : SAMPLE);
    const found = await differ({ runtime: cluster.runtime, stage }, seeds, { lanes: LANES });
    test.diagnostic(`seeds ${seeds[0]} to ${seeds.at(-1)}: ${found.runs} runs, ${JSON.stringify(found.moves)}`);
    assert.equal(found.differences.join("\n"), "");
    if (seeds.length === 1) return;
    for (const move of INTERESTING) assert.ok((found.moves[move] ?? 0) > 0, `no trial had: ${move}`);
  });
});
