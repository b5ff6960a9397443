import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogLayout, rowsOfText } from "./log-layout.ts";

describe("where the lines of a log stand", () => {
  it("follows from how many cells their characters fill", () => {
    const cases: readonly (readonly [text: string, columns: number, before: number, rows: number])[] = [
      ["", 10, 0, 1],
      ["0123456789", 10, 0, 1],
      ["0123456789a", 10, 0, 2],
      ["0123456789", 10, 5, 2],
      ["\tx", 8, 0, 2],
      ["a\tb", 9, 0, 1],
      ["統計統計", 8, 0, 1],
      ["統計統計", 7, 0, 2],
      ["😀😀", 4, 0, 1],
    ];
    for (const [text, columns, before, rows] of cases) {
      assert.equal(rowsOfText(text, columns, before), rows, JSON.stringify([text, columns, before]));
    }
  });

  it("finds the line of every row, and grows and shrinks with the log", () => {
    const heights = [1, 3, 1, 2];
    const layout = createLogLayout((line) => heights[line] ?? 1);
    layout.setCount(2);
    assert.deepEqual(layout.tops, [0, 1, 4]);
    layout.setCount(4);
    assert.deepEqual(layout.tops, [0, 1, 4, 5, 7]);
    assert.deepEqual(
      [-1, 0, 1, 2, 3, 4, 5, 6, 7, 99].map((row) => layout.lineAt(row)),
      [0, 0, 1, 1, 1, 2, 3, 3, 3, 3],
    );
    layout.setCount(1);
    assert.deepEqual(layout.tops, [0, 1]);
    layout.setCount(0);
    assert.equal(layout.lineAt(5), 0);
  });
});
