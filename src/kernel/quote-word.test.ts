import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { quoteWord } from "./quote-word.ts";

/** macOS has one of 2007, to which `\u` is nothing. */
const { stdout: version = "" } = spawnSync("bash", ["--version"], { encoding: "utf8" });
const bash = /version (?:[5-9]|\d\d)\./.test(version) ? {} : { skip: "there is no bash of version 5 here" };

describe("quoteWord", () => {
  it("is one line that bash reads as the word again", bash, () => {
    const character = fc.constantFrom(..."ab \t\n\r\\'\"$`!*;&|\u0007\u001b\u007f\u2028é");
    const words = fc.array(fc.string({ unit: character, maxLength: 8 }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(words, (list) => {
        const quoted = list.map((word) => quoteWord(word));
        for (const one of quoted) assert.doesNotMatch(one, /[\p{Cc}\u2028]/u);
        const script = `printf '%s\\0' ${quoted.join(" ")}`;
        const { stdout } = spawnSync("bash", ["--norc"], {
          input: script,
          encoding: "utf8",
          env: { LC_ALL: "C.UTF-8" },
        });
        assert.deepEqual(stdout.split("\0").slice(0, -1), list);
      }),
      { numRuns: 10 },
    );
  });

  it("leaves plain words as they are", () => {
    assert.deepEqual(
      ["a-b", "--x=/y:z", "", "a b", "it's"].map((word) => quoteWord(word)),
      ["a-b", "--x=/y:z", "''", "'a b'", `'it'\\''s'`],
    );
  });
});
