import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { showsUnicode, toAsciiMarks } from "./charset.ts";
import { createStyle } from "./style.ts";
import { renderTable } from "./table.ts";
import { widthOf } from "./text-width.ts";

describe("showsUnicode", () => {
  const ask = (env: Readonly<Record<string, string>>, platform: NodeJS.Platform = "linux", isTerminal = true) =>
    showsUnicode({ platform, isTerminal, env: (name) => env[name] });

  it("is what the locale says: LC_ALL, then LC_CTYPE, then LANG, an empty one counting as none", () => {
    const cases: readonly (readonly [env: Readonly<Record<string, string>>, unicode: boolean])[] = [
      [{}, true],
      [{ LANG: "" }, true],
      [{ LC_ALL: "C" }, false],
      [{ LANG: "POSIX" }, false],
      [{ LANG: "en_US" }, false],
      [{ LANG: "de_DE@euro" }, false],
      [{ LANG: "ja_JP.eucJP" }, false],
      [{ LANG: "C.UTF-8" }, true],
      [{ LANG: "de_DE.utf8" }, true],
      [{ LC_CTYPE: "UTF-8" }, true],
      [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
      [{ LC_ALL: "en_US.UTF-8", LANG: "C" }, true],
      [{ LC_ALL: "", LC_CTYPE: "C", LANG: "en_US.UTF-8" }, false],
      [{ LC_CTYPE: "en_US.UTF-8", LANG: "C" }, true],
      [{ LC_MESSAGES: "C", LANG: "en_US.UTF-8" }, true],
    ];
    for (const [env, unicode] of cases) assert.equal(ask(env), unicode, JSON.stringify(env));
  });

  it("is what the console says on Windows, and true for files there", () => {
    assert.equal(ask({}, "win32"), false);
    assert.equal(ask({ WT_SESSION: "1" }, "win32"), true);
    assert.equal(ask({ TERM_PROGRAM: "vscode" }, "win32"), true);
    assert.equal(ask({}, "win32", false), true);
    assert.equal(ask({ LC_ALL: "C", WT_SESSION: "1" }, "win32"), false);
  });
});

describe("marks in ASCII", () => {
  it("exist for every character that stands in the sources' texts", () => {
    const folder = new URL("../../", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => /(?<!\.test)\.ts$/.test(name) && !/^(gen|testing)\b/.test(name) && !name.endsWith("charset.ts"),
    );
    assert.ok(files.length > 100);
    for (const name of files) {
      const code = readFileSync(new URL(name.replaceAll("\\", "/"), folder), "utf8").replace(
        /\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm,
        "",
      );
      assert.match(toAsciiMarks(code), /^\p{ASCII}*$/u, name);
    }
  });

  it("keep a table within its width, and words of others as they are", () => {
    assert.equal(toAsciiMarks("✓ a → b… \u5206\u00e4"), "+ a -> b... \u5206\u00e4");
    const columns = [
      { title: "a", shrinkTo: 1 },
      { title: "b", shrinkTo: 0 },
    ];
    const anyText = fc.string({ unit: fc.constantFrom("…", "→", "✓", "·", "a", "\u5206"), maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText)), fc.integer({ min: 1, max: 60 }), (rows, width) => {
        const text = renderTable(columns, rows, { columns: width, style: createStyle(false, false) });
        for (const line of text.split("\n")) assert.ok(widthOf(line) <= width, line);
        assert.doesNotMatch(text, /[…→✓·]/);
      }),
    );
  });
});
