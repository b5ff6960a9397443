import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createCatchUp } from "./catch-up.ts";
import { createSeen, type Seen } from "./seen.ts";

const anyText = fc
  .array(
    fc.constantFrom("a", "b", "\n", "é", "\r\n", "x".repeat(5000), "y".repeat(70_000), "日本\n", "日本語".repeat(4000)),
    {
      maxLength: 40,
    },
  )
  .map((pieces) => Buffer.from(pieces.join("")));
/** Where chunks are cut. */
const anyCuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });

function chunksOf(text: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0, index = 0; from < text.length; index += 1) {
    const to = from + (cuts[index % cuts.length] ?? 1);
    chunks.push(text.subarray(from, to));
    from = to;
  }
  return chunks;
}

/** What is seen of a text up to a break, and then of a copy of it. */
function seeAgain(seen: Buffer, copy: Buffer, cuts: readonly number[]) {
  const before = createSeen();
  for (const chunk of chunksOf(seen, cuts)) before.push(chunk);
  const catchUp = createCatchUp(before.place());
  const passed = chunksOf(copy, cuts.toReversed()).map(catchUp.push);
  return { text: Buffer.concat([seen, ...passed]).toString("latin1"), at: catchUp.at() };
}

/** @param text latin1 */
function asciiOf(text: string): string {
  return text.replaceAll(/[\x80-\xff]/g, "");
}

const anyBreak = fc
  .tuple(anyText, fc.nat(), anyCuts)
  .map(([text, at, cuts]) => ({ text, at: at % (text.length + 1), cuts }));

describe("an output that is seen again", () => {
  it("is passed on once, wherever it broke and however it comes", () => {
    fc.assert(
      fc.property(anyBreak, ({ text, at, cuts }) => {
        const again = seeAgain(text.subarray(0, at), text, cuts);
        assert.equal(again.text, text.toString("latin1"));
        assert.notEqual(again.at, "elsewhere");
      }),
    );
  });

  it("is passed on once where bytes were replaced in the copy that are no UTF-8, or were cut in a long line", () => {
    fc.assert(
      fc.property(anyBreak, fc.integer({ min: 100, max: 16_384 }), ({ text, at, cuts }, portion) => {
        const copyOf = (bytes: Buffer) =>
          Buffer.concat(chunksOf(bytes, [portion]).map((cut) => Buffer.from(cut.toString("utf8"))));
        const before = text.subarray(0, at);
        const again = seeAgain(before, copyOf(text), cuts);
        assert.notEqual(again.at, "elsewhere");
        assert.equal(asciiOf(again.text), asciiOf(text.toString("latin1")));
        // What is not ASCII has places only where it follows some.
        if (at === 0 || (text[at - 1] ?? 0) < 0x80) {
          assert.equal(again.text.length, at + copyOf(text).length - copyOf(before).length);
        }
      }),
    );
  });

  it("goes on with what the copy has where it has lost the end of what was seen", () => {
    assert.deepEqual(seeAgain(Buffer.from("one\ntw"), Buffer.from("one\no\nthree\n"), [3]), {
      text: "one\ntwo\nthree\n",
      at: "beyond",
    });
    const shorter = seeAgain(Buffer.from("one\ntwo\nthree\n"), Buffer.from("one\ntw"), [3]);
    assert.deepEqual(shorter, { text: "one\ntwo\nthree\n", at: "behind" });
  });

  /** So much is written, in lines of so many words, and then lost but for whole lines, and whole portions of one. */
  const anyPart = fc.record({
    words: fc.integer({ min: 1, max: 100_000 }),
    wordsInLine: fc.constantFrom(1, 10, 5000, 1e6),
    lost: fc.integer({ min: 0, max: 1_000_000 }),
  });

  function keptLength(text: string, length: number): number {
    const line = text.lastIndexOf("\n", length - 1) + 1;
    return length - ((length - line) % 16_384);
  }

  it("goes on where the copy, again and again, has lost what an engine that is killed loses", () => {
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 2, maxLength: 4 }), (parts) => {
        let seen: Seen = createSeen();
        let [written, passed, kept] = ["", "", ""];
        for (const { words, wordsInLine, lost } of parts) {
          const from = written.length / 8;
          const all = Array.from({ length: words }, (_, index) => {
            return `${String(from + index).padStart(7, "0")}${index % wordsInLine === wordsInLine - 1 ? "\n" : " "}`;
          });
          const part = all.join("");
          const catchUp = createCatchUp(seen.place());
          for (const chunk of chunksOf(Buffer.from(kept + part), [32_768])) passed += catchUp.push(chunk).toString();
          assert.match(catchUp.at(), /^(there|beyond)$/);
          seen = catchUp.copy;
          written += part;
          kept += part;
          kept = kept.slice(0, keptLength(kept, Math.max(kept.length - part.length, kept.length - lost)));
        }
        assert.ok(passed === written);
      }),
      { numRuns: 30 },
    );
  });

  it("is known not to be the same where more is missing than that", () => {
    const lines = Array.from({ length: 300_000 }, (_, index) => `line ${index}\n`);
    const [begun, all] = [lines.slice(0, 290_000).join(""), lines.join("")];
    for (const copy of [lines.slice(1), [...lines.slice(0, 1000), ...lines.slice(20_000)]]) {
      const again = seeAgain(Buffer.from(begun), Buffer.from(copy.join("")), [32_768]);
      assert.ok(again.text === begun);
      assert.equal(again.at, "elsewhere");
    }
    const end = seeAgain(Buffer.from(begun), Buffer.from(all.replace("line 289000\n", "")), [32_768]);
    assert.equal(end.at, "beyond");
    assert.ok(end.text === begun + all.slice(all.indexOf("line 289001\n")));
  });

  it("takes no more memory for what is not ASCII, however long a line is", () => {
    const seen = createSeen();
    const chunk = Buffer.from("\u65e5".repeat(21_845));
    for (let count = 0; count < 200; count += 1) seen.push(chunk);
    assert.ok(seen.place().portions.length <= 100, `${seen.place().portions.length}`);
  });
});
