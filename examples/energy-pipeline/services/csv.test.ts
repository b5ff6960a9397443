import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type CsvRow, createCsvParser, findColumns, formatCsvRow } from "./csv.ts";

function parse(text: string, cuts: readonly number[] = []): CsvRow[] {
  const parser = createCsvParser();
  const places = [0, ...[...cuts].map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
  const rows = places.slice(1).flatMap((end, i) => parser.push(text.slice(places[i], end)));
  return [...rows, ...parser.end()];
}
const fields = (text: string) => parse(text).map((row) => row.fields);
const lines = (text: string) => parse(text).map((row) => row.line);

describe("createCsvParser", () => {
  it("splits rows at LF and CRLF, with or without a last newline", () => {
    const expected = [
      ["a", "b"],
      ["1", "2"],
    ];
    for (const text of ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r\n1,2", "a,b\n1,2"])
      assert.deepEqual(fields(text), expected);
  });

  it("reads quoted fields with commas, quotes and newlines in them", () => {
    assert.deepEqual(fields('"a,b","say ""hi""","two\nlines"\r\nx,"","y"\n'), [
      ["a,b", 'say "hi"', "two\nlines"],
      ["x", "", "y"],
    ]);
  });

  it("skips a BOM, and only at the start", () => {
    assert.deepEqual(fields("\xef\xbb\xbfa\n\xef\xbb\xbfb\n"), [["a"], ["\xef\xbb\xbfb"]]);
    assert.deepEqual(fields("\xef\xbb"), [["\xef\xbb"]]);
  });

  it("counts lines of the file, over quoted newlines and empty lines, which are no rows", () => {
    assert.deepEqual(lines('a\n"1\n2\n3"\n\n\r\nb\n""\n'), [1, 2, 7, 8]);
  });

  it("takes a quote inside an unquoted field, and text after a closing quote, as they are", () => {
    assert.deepEqual(fields('a"b,"c"d,e""f\n'), [['a"b', "cd", 'e""f']]);
  });

  it("keeps a carriage return that ends no line", () => {
    assert.deepEqual(fields("a\rb,c\r,d\r\n"), [["a\rb", "c\r", "d"]]);
  });

  it("takes a quote that is never closed as a character of its line, and goes on after that", () => {
    assert.deepEqual(fields('1,"open,2\n3,4\n5,6\n'), [
      ["1", '"open', "2"],
      ["3", "4"],
      ["5", "6"],
    ]);
  });

  it("does the same in bounded memory where the file goes on for long", () => {
    const parser = createCsvParser();
    const parts = [parser.push('1,"open\n')];
    for (let i = 0; i < 400; i++) parts.push(parser.push("3,4\n".repeat(1024)));
    const rows = [...parts, parser.end()].flat();
    assert.deepEqual(rows[0]?.fields, ["1", '"open']);
    assert.equal(rows.length, 1 + 400 * 1024);
  });

  it("names a line that is too long to be held, and goes on after it", () => {
    const parser = createCsvParser();
    const rows = [...parser.push("a,b\n")];
    for (let i = 0; i < 40; i++) rows.push(...parser.push("x".repeat(64 * 1024)));
    rows.push(...parser.push("\n1,2\n"), ...parser.end());
    assert.deepEqual(
      rows.map((row) => [row.line, row.fields.length, row.problem !== undefined]),
      [
        [1, 2, false],
        [2, 0, true],
        [3, 2, false],
      ],
    );
  });

  const anyField = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", "\r", " ", "\t") });

  it("reads back every row that formatCsvRow writes, wherever the text is cut", () => {
    const anyRow = fc.array(anyField, { minLength: 1, maxLength: 4 }).filter((row) => row.length > 1 || row[0] !== "");
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), fc.array(fc.nat(60), { maxLength: 4 }), (rows, cuts) => {
        const text = rows.map(formatCsvRow).join("");
        assert.deepEqual(
          parse(text, cuts).map((row) => row.fields),
          rows,
        );
      }),
    );
  });

  it("reads any text the same wherever it is cut", () => {
    fc.assert(
      fc.property(anyField, fc.array(fc.nat(20), { maxLength: 4 }), (text, cuts) => {
        assert.deepEqual(parse(text, cuts), parse(text));
      }),
    );
  });
});

describe("findColumns", () => {
  const header = (...names: string[]): CsvRow => ({ line: 1, fields: names });

  it("finds columns in any order among others", () => {
    assert.deepEqual(findColumns(header("b", "x", "a"), ["a", "b"]), [2, 0]);
  });

  it("names every column that is missing, or stands twice", () => {
    assert.throws(() => findColumns(header("a"), ["a", "b", "c"]), { message: "Missing columns: b, c" });
    assert.throws(() => findColumns(undefined, ["a"]), { message: "Missing column: a" });
    assert.throws(() => findColumns(header("a", "a"), ["a"]), { message: "Column stands twice: a" });
  });
});
