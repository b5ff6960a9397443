// What the mutation campaign makes of a tester's answers: names that outlive edits, whole batches, a list kept true.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createSeededRandom } from "../src/kernel/random.ts";
import { HAND_MADE } from "./mutation/hand-made.ts";
import { dealBatches, type Found, type Mutant, readMutants } from "./mutation/mutants.ts";
import { judgeSurvivors, type Outcome, type Survivor } from "./mutation/survivors.ts";

const SOURCE = "if (a && b) {\n  stop(a &&\n    b);\n}\n";

/** From column to column, end exclusive, on one line or to the end of another. */
const found = (line: number, from: number, to: number, replacement: string, endLine = line): Found => ({
  location: { start: { line, column: from }, end: { line: endLine, column: to } },
  replacement,
});

describe("mutation campaign", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "busbar-mutation-"));
    file = join(folder, "some.ts");
    writeFileSync(file, SOURCE);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const block = found(1, 13, 2, "{}", 4);
  const condition = found(1, 5, 11, "true");
  const left = found(1, 5, 6, "false");
  const inBlock = found(2, 8, 6, "true", 3);
  const read = (...all: readonly Found[]): Mutant[] => [...readMutants([[file, [...all]]]).values()];

  it("names a mutant by its text and its line, and counts those that are the same", () => {
    const [first, , third] = read(found(1, 10, 11, "x"), found(1, 5, 6, "x"), inBlock);
    assert.deepEqual([first?.line, first?.original, first?.nth], ["if (a && b) {", "a", 1]);
    assert.deepEqual([third?.line, third?.original, third?.replacement], ["stop(a &&", "a && b", "true"]);
    writeFileSync(file, "a;\n");
    assert.deepEqual(
      read(found(1, 1, 2, "b"), found(1, 1, 2, "b")).map(({ nth }) => nth),
      [1],
      "the same place and replacement is the same mutant",
    );
    writeFileSync(file, "a = a;\n");
    assert.deepEqual(
      read(found(1, 5, 6, "b"), found(1, 1, 2, "b")).map(({ nth }) => nth),
      [1, 2],
    );
  });

  it("deals every mutant once, with all that stands within it, alike for one seed", () => {
    const mutants = read(block, condition, left, inBlock);
    for (let seed = 0; seed < 20; seed += 1) {
      const batches = dealBatches(mutants, 1, createSeededRandom(seed));
      assert.deepEqual(new Set(batches.flat()), new Set(mutants));
      assert.equal(batches.flat().length, mutants.length);
      for (const [whole, part] of [
        [block, inBlock],
        [condition, left],
      ]) {
        const at = (one: Found | undefined): number =>
          batches.findIndex((batch) => batch.some(({ range }) => range === one?.location));
        assert.ok(at(whole) >= at(part));
      }
      assert.deepEqual(dealBatches(mutants, 1, createSeededRandom(seed)), batches);
    }
    assert.equal(dealBatches(mutants, 10, createSeededRandom(1)).length, 1);
  });

  it("wants survivors listed, with a reason, and nothing else listed", () => {
    const [mutant] = read(left);
    assert.ok(mutant !== undefined);
    const { range: _, nth: __, ...text } = mutant;
    const entry: Survivor = { ...text, reason: "it does the same" };
    const judge = (list: readonly Survivor[], outcome?: Outcome, all = [mutant]): readonly string[] =>
      judgeSurvivors(list, all, new Map(outcome === undefined ? [] : [[mutant, outcome]]));
    assert.deepEqual(
      [judge([entry], "survived"), judge([], "killed"), judge([], "hung"), judge([entry], "hung"), judge([entry])],
      [[], [], [], [], []],
    );
    assert.match(judge([], "survived").join(), /survived, and is not listed: .*some\.ts:1:5\n/);
    assert.match(judge([entry], "killed").join(), /listed as a survivor, and was killed/);
    assert.match(judge([entry], undefined, []).join(), /a mutant that there is not/);
    assert.match(judge([{ ...entry, reason: " " }], "survived").join(), /no reason/);
    assert.match(judge([entry, entry], "survived").join(), /twice/);
  });
});

describe("hand-made mutants", () => {
  for (const { name, file, find } of HAND_MADE) {
    it(`can be made: ${name}`, () => {
      const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      assert.equal(text.split(find).length - 1, 1, `it is to stand once in ${file}: ${find}`);
    });
  }
});
