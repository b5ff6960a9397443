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
  return { text: Buffer.concat([seen, ...passed]).toString("latin1"), isElsewhere: catchUp.isElsewhere() };
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
        assert.equal(again.isElsewhere, false);
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
        assert.equal(again.isElsewhere, false);
        assert.equal(asciiOf(again.text), asciiOf(text.toString("latin1")));
        // What is not ASCII has places only where it follows some.
        if (at === 0 || (text[at - 1] ?? 0) < 0x80) {
          assert.equal(again.text.length, at + copyOf(text).length - copyOf(before).length);
        }
      }),
    );
  });

  it("goes on with what the copy has where it has lost the line that had begun, or the end of what was seen", () => {
    assert.equal(seeAgain(Buffer.from("one\ntw"), Buffer.from("one\nthree\n"), [3]).text, "one\ntwthree\n");
    const shorter = seeAgain(Buffer.from("one\ntwo\nthree\n"), Buffer.from("one\ntw"), [3]);
    assert.deepEqual(shorter, { text: "one\ntwo\nthree\n", isElsewhere: false });
  });

  it("goes on where the copy, again and again, has lost the last portion of a line that has not ended", () => {
    const anyPart = fc.integer({ min: 1, max: 70_000 }).chain((length) =>
      fc.array(fc.constantFrom("word ", "0123456789", "one\n", "\r"), { minLength: 1, maxLength: 9 }).map((pieces) => {
        const text = pieces.join("");
        return text.repeat(Math.ceil(length / text.length)).slice(0, length);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(anyPart, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 100, max: 40_000 }),
        (parts, cut) => {
          let seen: Seen = createSeen();
          let [passed, kept] = ["", ""];
          for (const [index, drawn] of parts.entries()) {
            // What has repeated itself up to the break cannot be told from what comes after it.
            const part = `${"abcdefgh"[index]}${drawn}`;
            const catchUp = createCatchUp(seen.place());
            for (const chunk of chunksOf(Buffer.from(kept + part), [cut])) passed += catchUp.push(chunk).toString();
            assert.equal(catchUp.isElsewhere(), false);
            seen = catchUp.caughtUp() ?? seen;
            kept += part;
            const rest = kept.length - (kept.lastIndexOf("\n") + 1);
            kept = kept.slice(0, kept.length - (rest % 16_384));
          }
          assert.equal(passed, parts.map((drawn, index) => `${"abcdefgh"[index]}${drawn}`).join(""));
        },
      ),
    );
  });

  it("is known not to be the same where its beginning is gone, or what comes before the place is not what was seen", () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`);
    for (const [seen, copy] of [
      [lines.slice(0, 2000), lines.slice(500)],
      [lines.slice(0, 20), lines.slice(1)],
      [lines.slice(0, 2000), [...lines.slice(0, 1900), ...lines.slice(1950)]],
    ] as const) {
      const again = seeAgain(Buffer.from(seen.join("")), Buffer.from(copy.join("")), [1000]);
      assert.deepEqual(again, { text: seen.join(""), isElsewhere: true });
    }
  });
});
