import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { GraphShape } from "../graph-shape.ts";
import { type GraphLayout, layOutGraph } from "./layout.ts";

/** Acyclic: edges go from an earlier node to a later one. */
function anyGraph(): fc.Arbitrary<GraphShape> {
  return fc
    .tuple(fc.integer({ min: 1, max: 60 }), fc.array(fc.tuple(fc.nat(59), fc.nat(59)), { maxLength: 120 }))
    .map(([count, pairs]) => ({
      ids: Array.from({ length: count }, (_, index) => `n${index}`),
      edges: pairs.flatMap(([a, b]) =>
        a === b || a >= count || b >= count ? [] : [[`n${Math.min(a, b)}`, `n${Math.max(a, b)}`] as const],
      ),
    }));
}

function nodeOf({ nodes }: GraphLayout, id: string) {
  return nodes.find((node) => node.id === id) ?? assert.fail(`${id} is not there`);
}

/** Level parts of edges, which is what they are beside nodes. */
function expectNothingPassedThrough({ nodes, edges, sizes }: GraphLayout): void {
  for (const { points } of edges) {
    for (let at = 2; at + 3 < points.length; at += 4) {
      const [x1 = 0, y = 0, x2 = 0] = points.slice(at, at + 4);
      const hit = nodes.find(
        (node) => y > node.y && y < node.y + sizes.nodeHeight && x1 < node.x + sizes.nodeWidth && x2 > node.x,
      );
      assert.equal(hit, undefined);
    }
  }
}

describe("layOutGraph", () => {
  it("lets every edge go to the right, with the gap between layers for its curve", () => {
    fc.assert(
      fc.property(anyGraph(), (shape) => {
        const layout = layOutGraph(shape);
        const { nodeWidth, gapX } = layout.sizes;
        for (const { from, to } of layout.edges) {
          assert.ok(nodeOf(layout, to).x - nodeOf(layout, from).x >= nodeWidth + gapX);
        }
      }),
    );
  });

  it("lets no two nodes touch", () => {
    fc.assert(
      fc.property(anyGraph(), (shape) => {
        const { nodes, sizes } = layOutGraph(shape);
        for (const one of nodes) {
          for (const other of nodes) {
            if (one.layer !== other.layer || one.id >= other.id) continue;
            assert.ok(Math.abs(one.y - other.y) >= sizes.nodeHeight + sizes.gapY - 0.001);
          }
        }
      }),
    );
  });

  it("leads edges past the nodes between their ends", () => {
    fc.assert(
      fc.property(anyGraph(), (shape) => {
        expectNothingPassedThrough(layOutGraph(shape));
      }),
    );
  });

  it("keeps all within its width and height, from 0 on", () => {
    fc.assert(
      fc.property(anyGraph(), (shape) => {
        const { nodes, width, height, sizes } = layOutGraph(shape);
        for (const { x, y } of nodes) {
          assert.ok(x >= 0 && x + sizes.nodeWidth <= width);
          assert.ok(y >= -0.001 && y + sizes.nodeHeight <= height + 0.001);
        }
      }),
    );
  });

  it("gives the same layout for the same shape", () => {
    fc.assert(fc.property(anyGraph(), (shape) => assert.deepEqual(layOutGraph(shape), layOutGraph(shape))));
  });

  it("untangles two chains that the file names crosswise", () => {
    const edges = ["a1 b2", "a2 b1", "b2 c2", "b1 c1"].map((pair) => pair.split(" ") as [string, string]);
    const layout = layOutGraph({ ids: ["a1", "a2", "b1", "b2", "c1", "c2"], edges });
    const height = (id: string): number => nodeOf(layout, id).y;
    assert.equal(height("a1") < height("a2"), height("b2") < height("b1"));
    assert.equal(height("b2") < height("b1"), height("c2") < height("c1"));
  });

  it("draws a chain as a straight line", () => {
    const layout = layOutGraph({
      ids: ["a", "b", "c"],
      edges: [
        ["a", "b"],
        ["b", "c"],
      ],
    });
    assert.deepEqual(new Set(layout.nodes.map(({ y }) => y)), new Set([0]));
  });

  it("folds a layer that would be a strip, with edges between its rows", () => {
    const ids = Array.from({ length: 400 }, (_, index) => `m${index}`);
    const edges = ids.flatMap((id) => [["first", id] as const, [id, "last"] as const]);
    const layout = layOutGraph({ ids: ["first", ...ids, "last"], edges: [...edges, ["first", "last"]] });
    assert.ok(layout.width > layout.height, `${layout.width} to ${layout.height}`);
    assert.equal(new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`)).size, 402);
    for (const { from, to } of layout.edges) assert.ok(nodeOf(layout, from).x < nodeOf(layout, to).x);
    expectNothingPassedThrough(layout);
  });

  it("shows a graph that goes in circles too, and leaves out edges from or to nowhere", () => {
    const layout = layOutGraph({
      ids: ["a", "b", "c"],
      edges: [
        ["a", "b"],
        ["b", "c"],
        ["c", "a"],
        ["b", "b"],
        ["a", "gone"],
      ],
    });
    assert.deepEqual(
      layout.nodes.map(({ id, layer }) => [id, layer]),
      [
        ["a", 0],
        ["b", 1],
        ["c", 2],
      ],
    );
    assert.equal(layout.edges.length, 3);
  });
});
