// A few kills at every named point and at random instants; `npm run campaign:crash` makes hundreds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCallSubject } from "./crash/calls.ts";
import { runCampaign } from "./crash/campaign.ts";
import { POINTS } from "./crash/points.ts";

const SEED = 1;

describe("a run that is killed", { timeout: 330_000 }, () => {
  it(`ends as if it had not been, wherever the kill falls (E1-E8; seed ${SEED})`, async () => {
    const targets = { ...Object.fromEntries(Object.keys(POINTS).map((point) => [point, 1])) } as Record<
      keyof typeof POINTS,
      number
    >;
    const result = await runCampaign(await createCallSubject(), { seed: SEED, targets, lanes: 2, budgetMs: 300_000 });
    assert.deepEqual(result.faults, []);
    assert.ok(result.inFlight > 0, "no kill fell while a call was in flight");
  });
});
