import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCallsCampaign } from "./calls/campaign.ts";
import { growthOf, MAX_GROWTH, type Sample } from "./calls/growth.ts";

/** Samples of 100,000 calls whose process holds so much at each tenth. */
function samplesOf(heapAt: (tenth: number) => number): readonly Sample[] {
  return Array.from({ length: 11 }, (_, tenth) => {
    const heap = heapAt(tenth);
    return { calls: tenth * 10_000, heap, external: 0, rss: heap };
  });
}

describe("what many calls leave behind", () => {
  it("is told from noise, from a step back and from what is taken into use once", () => {
    const noise = [0, 9, -9, 4, -5, 8, -7, 3, 9, -4, 2];
    const level = samplesOf((tenth) => 8e6 + (noise[tenth] ?? 0) * 1e4);
    const warm = samplesOf((tenth) => (tenth < 3 ? 3e6 * tenth : 9e6));
    const spike = samplesOf((tenth) => (tenth === 8 ? 20e6 : 8e6));
    const freed = samplesOf((tenth) => (tenth < 8 ? 12e6 : 8e6));
    const steps = [6, 7, 8, 9, 10].map((from) => samplesOf((tenth) => (tenth < from ? 118e6 : 134e6) + tenth * 1e4));
    for (const samples of [level, warm, spike, freed, ...steps])
      assert.ok(growthOf(samples, "heap") < MAX_GROWTH.heap / 5);
    const leak = samplesOf((tenth) => 8e6 + tenth * 10_000 * 24 + (noise[tenth] ?? 0) * 1e4);
    assert.ok(growthOf(leak, "heap") > MAX_GROWTH.heap);
    const pages = samplesOf((tenth) => 120e6 + tenth * 10_000 * 400);
    assert.ok(growthOf(pages, "rss") > MAX_GROWTH.rss);
  });

  it("is measured on calls that end as they should, by a process that ends by itself", {
    timeout: 60_000,
  }, async () => {
    const { samples, faults } = await runCallsCampaign(5000);
    // So few calls say nothing about growth.
    assert.deepEqual(
      faults.filter((fault) => !/ grew by /.test(fault)),
      [],
    );
    assert.equal(samples.at(-1)?.calls, 5000);
  });
});
