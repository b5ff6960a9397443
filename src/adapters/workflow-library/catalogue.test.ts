import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type EarlierNames, nameFiles } from "./catalogue.ts";
import type { FileState } from "./file-state.ts";

/** `a.json=w` is a valid file that says the name w, `a.json?w` a broken one, `a.json` one that says no name. */
function stateOf(text: string): FileState {
  const [, path = "", sign, name = ""] = /^([^=?]+)([=?])?(.*)$/.exec(text) ?? [];
  const said: FileState["said"] =
    sign === "="
      ? { valid: true, name, hash: "", nodes: 1, diagnostics: [] }
      : { valid: false, ...(sign === "?" ? { name } : {}), diagnostics: [] };
  return { path, signature: "", hash: "", isSettled: true, writtenAt: "", format: "json", said };
}

/** @param earlier names and their files: `w=a.json` */
function earlierNames(earlier: readonly string[]): EarlierNames {
  const pairs = earlier.map((text) => text.split("=") as [string, string]);
  return {
    fileOf: (name) => pairs.find(([one]) => one === name)?.[1],
    nameOf: (file) => pairs.find(([, one]) => one === file)?.[0],
  };
}

const named = (files: readonly string[], earlier: readonly string[] = []): readonly string[] =>
  nameFiles(files.map(stateOf), earlierNames(earlier)).map(
    ({ name, state, isNamed, heldBy }) =>
      `${name} is ${state.path}${isNamed ? "" : ", unnamed"}${heldBy === undefined ? "" : `, held by ${heldBy}`}`,
  );

describe("names of files", () => {
  it("are what they say, the first file of a name before others, the valid ones before the broken ones", () => {
    assert.deepEqual(named(["a.json=x", "b.json=w", "c.json=w"]), [
      "c.json is c.json, unnamed, held by b.json",
      "w is b.json",
      "x is a.json",
    ]);
    assert.deepEqual(named(["a.json?w", "b.json=w"]), ["a.json is a.json, unnamed, held by b.json", "w is b.json"]);
    assert.deepEqual(named(["a.json?w", "b.json?w"]), ["b.json is b.json, unnamed, held by a.json", "w is a.json"]);
  });

  it("stay with the file that had them, as long as it says them or nothing", () => {
    assert.deepEqual(named(["a.json=w", "b.json?w"], ["w=b.json"]), [
      "a.json is a.json, unnamed, held by b.json",
      "w is b.json",
    ]);
    assert.deepEqual(named(["b.json"], ["w=b.json"]), ["w is b.json"]);
    assert.deepEqual(named(["a.json=w", "b.json"], ["w=b.json"]), ["b.json is b.json, unnamed", "w is a.json"]);
    assert.deepEqual(named(["a.json=w", "b.json=v"], ["w=b.json"]), ["v is b.json", "w is a.json"]);
  });

  it("are not mistaken for those of workflows that are called as a file is", () => {
    assert.deepEqual(named(["a.json=b.json", "b.json"]), ["./b.json is b.json, unnamed", "b.json is a.json"]);
  });

  it("are each given once, to each file one", () => {
    const word = fc.constantFrom("w", "v", "a.json", "b.json", "c.json", "./a.json");
    const file = fc.tuple(fc.constantFrom("", "=", "?"), word).map(([sign, name]) => (sign === "" ? "" : sign + name));
    const earlier = fc.array(
      fc.tuple(word, fc.constantFrom("a.json", "b.json", "c.json")).map((pair) => pair.join("=")),
    );
    fc.assert(
      fc.property(fc.tuple(file, file, file), earlier, (said, before) => {
        const files = ["a.json", "b.json", "c.json"].map((path, at) => stateOf(path + said[at]));
        const entries = nameFiles(files, earlierNames(before));
        assert.deepEqual(new Set(entries.map(({ state }) => state.path)).size, 3);
        assert.deepEqual(new Set(entries.map(({ name }) => name)).size, 3);
      }),
    );
  });
});
