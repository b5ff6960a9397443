import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { plainText, readLine } from "./ansi.ts";
import type { Hue } from "./hue.ts";
import type { TextStyle } from "./text-style.ts";

const ESC = "\x1b[";
const spans = (text: string): readonly (readonly [text: string, style: TextStyle])[] =>
  readLine(text).spans.map(({ text, style }) => [text, style] as const);
const colourOf = (codes: string): Hue | undefined => readLine(`${ESC}${codes}mx`).spans[0]?.style.colour;

/** What a terminal would obey, and what reorders text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
const OBEYED = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

describe("what a program writes for a terminal", () => {
  it("becomes spans in the styles that it says", () => {
    assert.deepEqual(spans("plain"), [["plain", {}]]);
    assert.deepEqual(spans(""), []);
    assert.deepEqual(spans(`a${ESC}31mb${ESC}1mc${ESC}0md`), [
      ["a", {}],
      ["b", { colour: "red" }],
      ["c", { colour: "red", bold: true }],
      ["d", {}],
    ]);
    assert.deepEqual(spans(`${ESC}1;4;97;42mok${ESC}mno`), [
      ["ok", { bold: true, underline: true, ground: "green" }],
      ["no", {}],
    ]);
    assert.deepEqual(spans(`${ESC}2;3;7;9ma${ESC}22;23;27;29mb`), [
      ["a", { faint: true, italic: true, inverse: true, struck: true }],
      ["b", {}],
    ]);
    assert.deepEqual(spans(`${ESC}4:3ma${ESC}4:0mb`), [
      ["a", { underline: true }],
      ["b", {}],
    ]);
  });

  it("keeps its style into the next line", () => {
    const { end } = readLine(`${ESC}33mwarning:`);
    assert.deepEqual(readLine("  it goes on", end), {
      spans: [{ text: "  it goes on", style: { colour: "yellow" } }],
      end,
    });
  });

  it("has its colours mapped to those that can be read: 16, 256 and all", () => {
    const cases: readonly (readonly [codes: string, hue: Hue | undefined])[] = [
      ["30", "grey"],
      ["34", "blue"],
      ["37", undefined],
      ["91", "red"],
      ["97", undefined],
      ["38;5;2", "green"],
      ["38;5;9", "red"],
      ["38;5;208", "yellow"],
      ["38;5;51", "cyan"],
      ["38;5;240", "grey"],
      ["38;5;255", undefined],
      ["38;2;255;0;0", "red"],
      ["38;2;20;200;60", "green"],
      ["38;2;0;0;0", "grey"],
      ["38;2;255;255;255", undefined],
      ["38:2::120:0:200", "magenta"],
      ["38:2:0:90:255", "blue"],
      ["38:5:201", "magenta"],
      ["31;39", undefined],
    ];
    for (const [codes, hue] of cases) assert.equal(colourOf(codes), hue, codes);
    assert.deepEqual(spans(`${ESC}38;5;1;1mx`), [["x", { colour: "red", bold: true }]]);
    assert.deepEqual(spans(`${ESC}48;2;200;0;0;1mx`), [["x", { ground: "red", bold: true }]]);
  });

  it("has everything else left out that a terminal would obey", () => {
    const cases: readonly (readonly [written: string, shown: string])[] = [
      [`${ESC}2J${ESC}10;20Hgone`, "gone"],
      [`${ESC}?25lhidden cursor${ESC}?25h`, "hidden cursor"],
      ["\x1b]0;title\x07text", "text"],
      ["\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"],
      ["\x1b(Bcharset\x1b7\x1b8", "charset"],
      ["\x9b31mc1\x9d2;x\x9c", "c1"],
      ["a\x08b\x07c\x00d\x7fe", "abcde"],
      ["tab\tstays", "tab\tstays"],
      [`${ESC}>4;1mxterm`, "xterm"],
      ["at the end \x1b", "at the end "],
      [`cut ${ESC}38;5`, "cut 38;5"],
      ["\x1b]0;a title that never ends", "0;a title that never ends"],
      ["\u202egnp.exe", "\\u202egnp.exe"],
    ];
    for (const [written, shown] of cases) assert.equal(plainText(readLine(written)), shown, JSON.stringify(written));
  });

  it("holds no control and no character that reorders afterwards, whatever was written, and hides no letter of a text", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\x1b",
        "\x1b[",
        "\x9b",
        "\x1b]",
        "\x07",
        "\x1b\\",
        ";",
        ":",
        "m",
        "38",
        "5",
        "2",
        "31",
        "\u202e",
        "\t",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (written) => {
        const { spans: found } = readLine(written);
        for (const { text: shown } of found) assert.doesNotMatch(shown, OBEYED);
        assert.ok(found.every(({ text: shown }) => shown !== ""));
      }),
    );
  });
});
