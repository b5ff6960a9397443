import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createStyle } from "./style.ts";
import { renderTable } from "./table.ts";
import { truncate, widthOf } from "./text-width.ts";

const style = createStyle(false);
const columns = [
  { title: "node", shrinkTo: 6 },
  { title: "n", align: "right" as const },
  { title: "note", shrinkTo: 4 },
];

describe("a table", () => {
  it("is as wide as it must be, numbers at the right, no space at the ends", () => {
    const rows = [
      ["a", "1", "first"],
      ["long-name", "200", ""],
    ];
    assert.equal(
      renderTable(columns, rows, { columns: 80, style }),
      ["node         n  note", "a            1  first", "long-name  200", ""].join("\n"),
    );
  });

  it("counts wide characters as two columns", () => {
    const rows = [["\u5206\u6790\u5668", "1", "x"]];
    assert.equal(
      renderTable(columns, rows, { columns: 80, style }),
      ["node    n  note", "\u5206\u6790\u5668  1  x", ""].join("\n"),
    );
  });

  it("cuts the widest of the columns that may give way, with an ellipsis", () => {
    const rows = [["a-very-long-node-name", "1", "a remark of some length"]];
    const text = renderTable(columns, rows, { columns: 30, style });
    assert.equal(text, ["node          n  note", "a-very-long…  1  a remark of …", ""].join("\n"));
  });

  it("does not let a cell write to the terminal", () => {
    const text = renderTable(columns, [["a\u001b[2Jb\nc\u202e", "1", ""]], { columns: 80, style });
    assert.equal(text.split("\n")[1], "a\\x1b[2Jb\\nc\\u202e  1");
  });

  it("colours the text, not the space around it", () => {
    const { red } = createStyle(true);
    const text = renderTable(columns, [[{ text: "a", paint: red }, "1", ""]], { columns: 80, style });
    assert.equal(text.split("\n")[1], "\u001b[31ma\u001b[39m     1");
  });

  it("is never wider than it may be, whatever stands in it, down to what its columns keep", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ unit: "grapheme", maxLength: 60 })),
        ),
        fc.integer({ min: 20, max: 120 }),
        (cells, width) => {
          const rows = cells.map(([name, note]) => [name, "1", note]);
          for (const line of renderTable(columns, rows, { columns: width, style }).split("\n")) {
            assert.ok(widthOf(line) <= width, `${widthOf(line)} > ${width}: ${line}`);
          }
        },
      ),
    );
  });
});

describe("widthOf", () => {
  it("knows wide characters, marks that take no place, and emoji", () => {
    const cases: readonly (readonly [text: string, width: number])[] = [
      ["plain", 5],
      ["\u5206\u6790", 4],
      ["e\u0301", 1],
      ["\u{1f300}", 2],
      ["\u2764\ufe0f", 2],
      ["\uff21", 2],
      ["\uc77c", 2],
      ["\u2713 \u2026 \u280b", 5],
    ];
    for (const [text, width] of cases) assert.equal(widthOf(text), width, text);
  });
});

describe("truncate", () => {
  it("keeps what fits and marks what does not", () => {
    assert.equal(truncate("abcdef", 6), "abcdef");
    assert.equal(truncate("abcdefg", 6), "abcde…");
    assert.equal(truncate("\u5206\u6790\u5668", 4), "\u5206…");
    assert.equal(truncate("abc", 1), "…");
  });
});
