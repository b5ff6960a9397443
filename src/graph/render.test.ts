import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anyGraph } from "../testing/graphs.ts";
import { createGraph } from "./graph.ts";
import { renderGraph } from "./render.ts";

const diamond = {
  name: "nightly",
  graph: createGraph(
    ["fetch", "clean", "archive", "report"],
    [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ],
  ),
};

describe("renderGraph", () => {
  it("writes text by level, so that what may run at once stands together", () => {
    assert.equal(
      renderGraph(diamond, "text"),
      `nightly: 4 nodes, 4 edges
1  fetch
2  clean    <- fetch
2  archive  <- fetch
3  report   <- clean, archive
`,
    );
  });

  it("writes Mermaid", () => {
    assert.equal(
      renderGraph(diamond, "mermaid"),
      `flowchart LR
  n0["fetch"]
  n1["clean"]
  n2["archive"]
  n3["report"]
  n0 --> n1
  n0 --> n2
  n1 --> n3
  n2 --> n3
`,
    );
  });

  it("writes DOT", () => {
    assert.equal(
      renderGraph(diamond, "dot"),
      `digraph workflow {
  label="nightly";
  rankdir=LR;
  node [shape=box];
  n0 [label="fetch"];
  n1 [label="clean"];
  n2 [label="archive"];
  n3 [label="report"];
  n0 -> n1;
  n0 -> n2;
  n1 -> n3;
  n2 -> n3;
}
`,
    );
  });

  it("keeps ids with quotes, markup and backslashes what they are", () => {
    const odd = {
      name: 'a "name"',
      graph: createGraph(['end"]; click', "<b>&amp;#35;`x`", "back\\slash\\n", "größe 🔌"], []),
    };
    assert.equal(
      renderGraph(odd, "mermaid"),
      `flowchart LR
  n0["end#34;#93;#59; click"]
  n1["#60;b#62;#38;amp#59;#35;35#59;#96;x#96;"]
  n2["back#92;slash#92;n"]
  n3["größe #128268;"]
`,
    );
    assert.match(renderGraph(odd, "dot"), /^ {2}label="a \\"name\\"";$/m);
    assert.match(renderGraph(odd, "dot"), /^ {2}n0 \[label="end\\"\]; click"\];$/m);
    assert.match(renderGraph(odd, "dot"), /^ {2}n2 \[label="back\\\\slash\\\\n"\];$/m);
  });

  it("writes one line for each node and edge, whatever the graph", () => {
    fc.assert(
      fc.property(anyGraph(), (graph) => {
        const edges = graph.downstream.reduce((sum, list) => sum + list.length, 0);
        const lines = (format: "text" | "mermaid" | "dot"): number =>
          renderGraph({ name: "any", graph }, format).split("\n").length - 1;
        assert.equal(lines("text"), 1 + graph.ids.length);
        assert.equal(lines("mermaid"), 1 + graph.ids.length + edges);
        assert.equal(lines("dot"), 5 + graph.ids.length + edges);
      }),
    );
  });
});
