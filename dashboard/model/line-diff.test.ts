import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countChanges, diffLines, hunksOf } from "./line-diff.ts";

const short = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`);

describe("the difference of two texts", () => {
  it("says which lines are gone, new and the same", () => {
    assert.deepEqual(short("a\nb\nc\n", "a\nx\nc\n"), [" a", "-b", "+x", " c"]);
    assert.deepEqual(short("a\nb\nc", "b\nc\nd"), ["-a", " b", " c", "+d"]);
    assert.deepEqual(short("", "a\n"), ["+a"]);
    assert.deepEqual(short("a\r\nb\r\n", "a\nb\n"), [" a", " b"]);
    assert.deepEqual(short("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc"), [
      "-a",
      "-b",
      " c",
      "+b",
      " a",
      " b",
      "-b",
      " a",
      "+c",
    ]);
  });

  it("gives back both texts, with the fewest differences, whatever they are", () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let round = 0; round < 400; round += 1) {
      const text = (): readonly string[] => Array.from({ length: random(9) }, () => "abc"[random(3)] ?? "");
      const [a, b] = [text(), text()];
      const lines = diffLines(a.join("\n"), b.join("\n"));
      const label = `${a.join("")} ${b.join("")}`;
      const kept = (without: string) => lines.filter(({ kind }) => kind !== without).map((line) => line.text);
      assert.deepEqual(kept("new"), a, label);
      assert.deepEqual(kept("gone"), b, label);
      assert.equal(lines.filter(({ kind }) => kind === "same").length, longestCommon(a, b), label);
      assert.deepEqual(
        lines.flatMap((line) => ("after" in line ? [line.after] : [])),
        b.map((_, position) => position + 1),
      );
    }
  });

  it("tells texts that have nothing in common as one replaced by the other, however long they are", () => {
    const text = (letter: string) => Array.from({ length: 20_000 }, (_, line) => `${letter}${line}`).join("\n");
    assert.deepEqual(countChanges(diffLines(text("a"), text("b"))), { gone: 20_000, added: 20_000 });
  });

  it("has pieces of what changed, with some lines around", () => {
    const before = Array.from({ length: 30 }, (_, line) => `line ${line + 1}`);
    const after = before.with(4, "five").with(6, "seven").with(25, "26");
    const hunks = hunksOf(diffLines(before.join("\n"), after.join("\n")), 2);
    assert.deepEqual(
      hunks.map((hunk) => [hunk[0]?.text, hunk.at(-1)?.text]),
      [
        ["line 3", "line 9"],
        ["line 24", "line 28"],
      ],
    );
    assert.deepEqual(hunksOf(diffLines("a", "a")), []);
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  const get = (x: number, y: number): number => table[x]?.[y] ?? 0;
  for (let x = 1; x <= a.length; x += 1) {
    for (let y = 1; y <= b.length; y += 1) {
      const row = table[x];
      if (row !== undefined) {
        row[y] = a[x - 1] === b[y - 1] ? get(x - 1, y - 1) + 1 : Math.max(get(x - 1, y), get(x, y - 1));
      }
    }
  }
  return get(a.length, b.length);
}
