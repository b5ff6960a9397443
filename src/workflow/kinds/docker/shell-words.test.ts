import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { requirePeer } from "../../../testing/require.ts";
import { splitCommand } from "./shell-words.ts";

const wordsOf = (command: string): readonly string[] => splitCommand(command).words.map(({ text }) => text);
/** What each finding is about: the part of the text it marks. */
const marked = (command: string): readonly string[] =>
  splitCommand(command).findings.map(({ within }) => command.slice(within?.start, within?.end));

const bash = requirePeer("bash", () => (spawnSync("bash", ["--version"]).status === 0 ? "bash" : undefined));

describe("splitCommand", () => {
  it("takes quotes off and knows where each word stands", () => {
    assert.deepEqual(splitCommand("\n a  'b c'\td\\ e \"f\"g '' \n"), {
      words: [
        { text: "a", start: 2, end: 3 },
        { text: "b c", start: 5, end: 10 },
        { text: "d e", start: 11, end: 15 },
        { text: "fg", start: 16, end: 20 },
        { text: "", start: 21, end: 23 },
      ],
      findings: [],
    });
    assert.deepEqual(wordsOf("sh -c 'a | b; $c' \"it's\" 'it'\\''s'"), ["sh", "-c", "a | b; $c", "it's", "it's"]);
  });

  it("goes on in the next line after a backslash, between words only", () => {
    assert.deepEqual(wordsOf("a \\\n  b\\\n\\\n c 'd \\\n'"), ["a", "b", "c", "d \\\n"]);
    assert.deepEqual(marked("a \\\n b | c"), ["|"]);
    assert.deepEqual(marked("a b\\\nc"), ["b\\\nc"]);
    assert.deepEqual(marked('a "b\\\nc"'), ['"b\\\nc"']);
    assert.deepEqual(marked("a \\ \nb"), ["\n"]);
    assert.deepEqual(marked("a \\\r\nb"), ["\n"]);
  });

  it("marks each piece that only a shell understands, all at once", () => {
    assert.deepEqual(marked('a $b "c $d `e`" *.csv {f,g} ~/h x=~ > i'), [
      "> i",
      "$b",
      "$d",
      "`e`",
      "*",
      "{f,g}",
      "~",
      "~",
    ]);
    assert.deepEqual(marked("A=1 a | b && c; d &"), ["&&", "|", "&", ";", "A=1"]);
    assert.deepEqual(marked("a b #c"), ["#c"]);
    assert.deepEqual(marked("a b;"), [";"]);
    assert.deepEqual(marked("a\nb"), ["\n"]);
    assert.deepEqual(marked("a b\\"), ["b\\"]);
    assert.deepEqual(marked("if a; then b; fi"), ["if a; then b; fi"]);
  });

  it("says what to do", () => {
    const messages = (command: string) => splitCommand(command).findings.map(({ code, message }) => [code, message]);
    assert.deepEqual(messages("a | b"), [
      [
        "WORKFLOW_SHELL_SYNTAX",
        "command: \"|\" is for a shell, and there is none; put it inside the container: IMAGE sh -c '…'",
      ],
    ]);
    assert.deepEqual(messages("a ~/b"), [
      [
        "WORKFLOW_SHELL_SYNTAX",
        'command: "~" is for a shell, and there is none; write the path of the home folder out',
      ],
    ]);
    assert.deepEqual(messages("a 'b"), [["WORKFLOW_INVALID_VALUE", "command: it has a quote that is not closed"]]);
  });

  it("is quick with long and deep texts", () => {
    for (const text of [
      " ".repeat(16_000),
      "(".repeat(16_000),
      "a ".repeat(8000),
      `"${"$(".repeat(8000)}`,
      "'a'".repeat(5000),
    ]) {
      splitCommand(`x ${text}`);
    }
  });

  it("splits what it accepts as bash does", { skip: bash.skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "busbar-words-"));
    // Names that patterns would find.
    for (const name of ["a", "b", "ab"]) writeFileSync(join(folder, name), "");
    const character = fc.constantFrom(..."ab  \t\n\u0007'\"\\$`*?[]{},.~#=:-!()<>|&;é\u00a0%^@+/1", " \\\n ");
    const line = fc.string({ unit: character, minLength: 1, maxLength: 12 }).map((text) => `p ${text}`);
    try {
      fc.assert(
        fc.property(fc.array(line, { minLength: 300, maxLength: 300 }), (lines) => {
          const accepted = lines.filter((one) => splitCommand(one).findings.length === 0);
          const script = `PATH=/nonexistent\np() { printf '%s\\0' "$@"; printf '\\1'; }\n${accepted.join("\n")}\n`;
          const ran = spawnSync("bash", ["--norc", "--noprofile"], { input: script, cwd: folder, encoding: "utf8" });
          const printed = ran.stdout.split("\u0001").slice(0, -1);
          assert.deepEqual(
            printed.map((one) => one.split("\0").slice(0, -1)),
            accepted.map((one) => (wordsOf(one).length === 1 ? [""] : wordsOf(one).slice(1))),
          );
        }),
        { numRuns: 20 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
