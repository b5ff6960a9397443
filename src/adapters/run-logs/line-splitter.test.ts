import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLineSplitter } from "./line-splitter.ts";

function linesOf(pieces: readonly string[], maxChars = 100): readonly string[] {
  const splitter = createLineSplitter(maxChars);
  return [...pieces.flatMap((piece) => splitter.push(piece)), splitter.rest()];
}

describe("lines", () => {
  it("end with LF, with CR LF, and with a CR by which a progress bar draws over itself", () => {
    const cases: readonly (readonly [text: string, lines: readonly string[]])[] = [
      ["a\nb\n", ["a", "b", ""]],
      ["a\n\nb", ["a", "", "b"]],
      ["a\r\nb\r\n\r\nc", ["a", "b", "", "c"]],
      ["a\r\r\nb", ["a", "b"]],
      ["\r10%\r20%\rdone\nnext", ["10%", "20%", "done", "next"]],
      ["10%\r20%\r\nnext\r", ["10%", "20%", "next", ""]],
      ["\r\r\nb", ["", "b"]],
    ];
    for (const [text, lines] of cases) {
      assert.deepEqual(linesOf([text]), lines, JSON.stringify(text));
      assert.deepEqual(linesOf([...text]), lines, `${JSON.stringify(text)} in pieces`);
    }
  });

  it("are cut where they are too long, not inside a character, and not where they just fit", () => {
    assert.deepEqual(linesOf(["abcd\nefghi\n"], 4), ["abcd", "efgh", "i", ""]);
    assert.deepEqual(linesOf(["ab", "cd", "ef", "gh", "i"], 4), ["abcd", "efgh", "i"]);
    assert.deepEqual(linesOf(["abc😀d"], 4), ["abc", "😀d"]);
  });
});
