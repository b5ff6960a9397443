// Plans that once failed, and seeds that nobody has seen. A failing seed is replayed and shrunk by
// `npm run campaign:sim -- --seed S`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { makePlan } from "./generate.ts";
import { readKept } from "./kept.ts";
import { MUTANTS } from "./mutants.ts";
import { simulate } from "./simulate.ts";

const FRESH = 400;

describe("the simulator finds nothing", () => {
  for (const { found, seed, plan } of readKept()) {
    it(`in a plan that once found: ${found} (seed ${seed})`, async () => {
      const { failure, trace } = await simulate(plan, true);
      assert.equal(failure, undefined, trace.slice(-40).join("\n"));
    });
  }

  const base = Number(process.env.BUSBAR_SEED ?? Date.now() % 2 ** 31);
  it(`in ${FRESH} fresh seeds from ${base} on`, async () => {
    for (let seed = base; seed < base + FRESH; seed += 1) {
      const { failure } = await simulate(makePlan(seed));
      const again = `seed ${seed}: ${failure?.kind}: ${failure?.message}; npm run campaign:sim -- --seed ${seed}`;
      assert.equal(failure, undefined, again);
    }
  });
});

describe("the simulator's mutants", () => {
  for (const { name, file, find } of MUTANTS) {
    it(`can be planted: ${name}`, () => {
      const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      assert.equal(text.split(find).length - 1, 1, `it is to stand once in ${file}: ${find}`);
    });
  }
});
