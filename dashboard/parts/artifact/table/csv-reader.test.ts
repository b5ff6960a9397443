import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createCsvReader, type Row, readCsv } from "./csv-reader.ts";

describe("reading CSV", () => {
  it("reads rows with either line end, and a last one without", () => {
    assert.deepEqual(readCsv("a,b\r\n1,2\n3,"), [
      ["a", "b"],
      ["1", "2"],
      ["3", ""],
    ]);
    assert.deepEqual(readCsv(""), []);
    assert.deepEqual(readCsv("\n"), [[""]]);
  });

  it("reads quotes: commas, line ends and quotes within them, and what is not closed", () => {
    assert.deepEqual(readCsv('"a,\n""b""",c\n'), [['a,\n"b"', "c"]]);
    assert.deepEqual(readCsv('a"b,"c"d\n'), [['a"b', "cd"]]);
    assert.deepEqual(readCsv('"",x\n'), [["", "x"]]);
    assert.deepEqual(readCsv('a,"b\nc'), [["a", "b\nc"]]);
  });

  it("reads the same whatever the pieces are, and what was written", () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é") });
    const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.boolean(), fc.array(fc.nat(20)), (table, isQuoted, cuts) => {
        const quote = (text: string): string =>
          isQuoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const text = table.map((row) => `${row.map(quote).join(",")}\n`).join("");
        assert.deepEqual(readCsv(text), table);
        const reader = createCsvReader();
        const found: Row[] = [];
        let rest = text;
        for (const cut of cuts) {
          found.push(...reader.take(rest.slice(0, cut)));
          rest = rest.slice(cut);
        }
        found.push(...reader.take(rest), ...reader.end());
        assert.deepEqual(found, table);
      }),
    );
  });
});
