import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { describeFailure } from "./describe-failure.ts";
import { BusbarError } from "./errors.ts";

describe("describeFailure", () => {
  it("says what the file system means, in words that fit into a sentence", () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-failure-"));
    try {
      writeFileSync(join(folder, "file"), "");
      const failures: readonly (readonly [path: string, words: string])[] = [
        [join(folder, "none"), "there is no such file"],
        [join(folder, "file", "x"), "a part of the path is no directory"],
        [folder, "it is a directory"],
        [join(folder, "x".repeat(300)), "the name is too long"],
      ];
      for (const [path, words] of failures) {
        assert.throws(
          () => readFileSync(path),
          (thrown) => describeFailure(thrown) === words,
          words,
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("has no class name and no stop at its end, whatever was thrown", () => {
    const cases: readonly (readonly [thrown: unknown, words: string])[] = [
      [new Error("it broke."), "it broke"],
      [new TypeError("it broke!"), "it broke"],
      [Object.assign(new Error("E2BIG: too large, read"), { code: "E2BIG" }), "E2BIG: too large, read"],
      [new BusbarError("JOURNAL_FULL", "the disk is full."), "the disk is full"],
      [new AggregateError([new Error("one."), new Error("two.")]), "one; two"],
      [new Error("outer.", { cause: new Error("inner.") }), "outer: inner"],
      ["just a text.", "just a text"],
      [undefined, "undefined was thrown"],
    ];
    for (const [thrown, words] of cases) assert.equal(describeFailure(thrown), words);
  });

  it("stands wherever a message would else have an error itself in it, class name and all", () => {
    const folder = new URL("../", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    assert.ok(files.length > 100);
    for (const name of files) {
      const code = readFileSync(new URL(name.replaceAll("\\", "/"), folder), "utf8");
      assert.doesNotMatch(code, /\$\{String\(\w+\)\}/, name);
    }
  });
});
