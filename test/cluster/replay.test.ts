// Drives that are suspended whenever they wait, and so replayed from their beginning for each thing that arrives.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createShared } from "../../src/app/shared.ts";
import { startWorker, type Worker } from "../../src/app/worker.ts";
import { createSecrets } from "../../src/kernel/secrets.ts";
import { requireRestate } from "../../src/testing/restate/binary.ts";
import { isMismatch } from "./chaos/mismatch.ts";
import { differ } from "./differential/differ.ts";
import { seedsOf } from "./differential/seeds.ts";
import { createStage } from "./differential/stage.ts";
import { startCluster, type TestCluster } from "./use-cluster.ts";

const SAMPLE = 24;
const FULL = 200;
const LANES = 12;
const INACTIVITY_MS = 30;
/** Long enough for Restate to have every drive suspended before anything arrives. */
const REST_MS = 90;
const LONG_REST_MS = 4 * REST_MS;

describe("drives that are replayed at each wait", requireRestate(), () => {
  const stage = createStage();
  const troubles: string[] = [];
  let cluster: TestCluster;
  let worker: Worker;
  /** A drive reads the definition of its run once each time it is begun anew. */
  let begun = 0;

  before(async () => {
    cluster = await startCluster({ nodes: 1 });
    const shared = createShared(createSecrets(() => undefined));
    const read: typeof shared.definitions.read = (definition) => {
      begun += 1;
      return shared.definitions.read(definition);
    };
    worker = await startWorker(
      {
        ...{ host: "127.0.0.1", port: 0, executors: { grpc: stage.executor }, driveInactivityMs: INACTIVITY_MS },
        onTrouble: (trouble) => void troubles.push(String(trouble)),
      },
      { ...shared, definitions: { ...shared.definitions, read } },
    );
    await cluster.register(worker.port);
  });
  after(async () => {
    await cluster?.close();
    await worker?.close();
  });

  it("do the same again, and come to the same as on the local runtime", async (test) => {
    const seeds = seedsOf(process.env.BUSBAR_CAMPAIGN === "full" ? FULL : SAMPLE);
    let played = await play(seeds, REST_MS);
    test.diagnostic(played.says);
    if (seeds.length > 1 && !played.isReplayed) {
      // Where the machine is busy, they may not have been suspended in time: trials of other seeds, with longer rests.
      played = await play(
        seeds.map((seed) => seed + seeds.length),
        LONG_REST_MS,
      );
      test.diagnostic(played.says);
      assert.ok(played.isReplayed, played.says);
    }
    assert.deepEqual(
      troubles.filter((trouble) => !trouble.includes("without validating request signatures")),
      [],
    );
    const said = cluster.log().split("\n").filter(Boolean);
    assert.deepEqual(said.filter(isMismatch), []);
    // Restate warns of a machine that is slow, too.
    for (const line of said) test.diagnostic(line);
  });

  async function play(seeds: readonly number[], restMs: number) {
    begun = 0;
    const found = await differ({ runtime: cluster.runtime, stage }, seeds, { lanes: LANES, restMs });
    assert.equal(found.differences.join("\n"), "");
    const drives = found.runs + (found.moves["resume failed"] ?? 0) + (found.moves["resume cancelled"] ?? 0);
    const arrivals = Object.values(found.moves).reduce((sum, count) => sum + count);
    const says = `${drives} drives, ${arrivals} moves, after ${restMs} ms each: begun ${begun} times`;
    return { isReplayed: begun > 2 * drives, says };
  }
});
