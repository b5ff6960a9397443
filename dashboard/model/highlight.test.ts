import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { highlight, markPieces } from "./highlight.ts";

const MARKS = { key: "K", text: "T", value: "V", comment: "C", reference: "R", plain: "" } as const;

/** Pieces as `K(name)`; plain ones as they are. */
function marked(text: string, format: "json" | "yaml" = "yaml"): string {
  return highlight(text.split("\n"), format)
    .map((pieces) =>
      pieces.map(({ kind, text: piece }) => (kind === "plain" ? piece : `${MARKS[kind]}(${piece})`)).join(""),
    )
    .join("\n");
}

describe("the colours of a source", () => {
  it("tells keys, texts and values of YAML", () => {
    assert.equal(marked("workflow_name: nightly"), "K(workflow_name): nightly");
    assert.equal(marked("  timeout_seconds: 30 # a while"), "  K(timeout_seconds): V(30) C(# a while)");
    assert.equal(
      marked('generator: { default: "localhost:50051", on: true }'),
      'K(generator): { K(default): T("localhost:50051"), K(on): V(true) }',
    );
    assert.equal(marked("  - 'it''s': ~"), "  - K('it''s'): V(~)");
    assert.equal(marked("next: [a, 2, b-3]"), "K(next): [a, V(2), b-3]");
  });

  it("takes nothing for a value or a comment that is part of a word", () => {
    assert.equal(marked("address: host:50051"), "K(address): host:50051");
    assert.equal(marked("wait: 5m"), "K(wait): 5m");
    assert.equal(marked("say: it's a#b true-ish"), "K(say): it's a#b true-ish");
    assert.equal(marked("day: 2026-11-26"), "K(day): 2026-11-26");
  });

  it("shows what refers to a param, and not what only looks like it", () => {
    assert.equal(marked("a: ${params.dir}/x"), "K(a): R(${params.dir})/x");
    assert.equal(marked('a: "x ${run.id} y"'), 'K(a): T("x )R(${run.id})T( y")');
    assert.equal(marked("a: $${literal}"), "K(a): $${literal}");
  });

  it("takes what is further in below | and > for a text", () => {
    assert.equal(
      marked("note: |\n  not: a key\n\n  # nor a comment\nnext: 1"),
      "K(note): |\nT(  not: a key)\n\nT(  # nor a comment)\nK(next): V(1)",
    );
  });

  it("tells keys, texts and values of JSON", () => {
    assert.equal(marked('  "a": "b: \\"c\\"",', "json"), '  K("a"): T("b: \\"c\\""),');
    assert.equal(
      marked('{"n": [1, -2.5e3, null], "u": "open', "json"),
      '{K("n"): [V(1), V(-2.5e3), V(null)], K("u"): T("open)',
    );
  });

  it("marks columns, within pieces and over several", () => {
    const [pieces = []] = highlight(["  next_node: cleen # x"], "yaml");
    const marked = markPieces(pieces, [{ from: 13, until: 18 }]).filter(({ isMarked }) => isMarked);
    assert.deepEqual(marked.map(({ text }) => text).join(""), "cleen");
    const all = markPieces(pieces, [
      { from: 2, until: 21 },
      { from: 4, until: 6 },
    ]);
    assert.equal(all.map(({ text }) => text).join(""), "  next_node: cleen # x");
    assert.deepEqual(
      all.filter(({ isMarked }) => !isMarked).map(({ text }) => text),
      ["  ", "x"],
    );
    assert.deepEqual(markPieces([{ kind: "plain", text: "a" }], [{ from: 0, until: 0 }]), [
      { kind: "plain", text: "a", isMarked: false },
    ]);
  });

  it("loses nothing of any line", () => {
    const text = readFileSync(new URL("../../examples/energy-pipeline/energy-pipeline.yaml", import.meta.url), "utf8");
    for (const lines of [text.split("\n"), ["'", '"', "- -- :", "a: b: c", "${", "# x", "{a: [", "\t\u0000"]]) {
      for (const format of ["yaml", "json"] as const) {
        const pieces = highlight(lines, format);
        assert.deepEqual(
          pieces.map((line) => line.map((piece) => piece.text).join("")),
          lines,
        );
      }
    }
  });
});
