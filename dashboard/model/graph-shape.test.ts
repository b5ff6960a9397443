import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { layOutGraph } from "./graph-layout/layout.ts";
import { type GraphShape, isSameShape, linksOf, relatedTo } from "./graph-shape.ts";
import { stepFrom } from "./graph-steps.ts";

const shape = shapeOf("fetch > clean; fetch > check; clean > report; check > alarm");

describe("relatedTo", () => {
  it("has all that a node waits for and all that waits for it, and nothing else", () => {
    assert.deepEqual(relatedTo(linksOf(shape), "clean"), new Set(["clean", "fetch", "report"]));
    assert.deepEqual(relatedTo(linksOf(shape), "alarm"), new Set(["alarm", "check", "fetch"]));
  });

  it("ends where edges go in circles", () => {
    assert.deepEqual(relatedTo(linksOf(shapeOf("a > b; b > a")), "a"), new Set(["a", "b"]));
  });
});

describe("isSameShape", () => {
  it("tells shapes apart by what would be drawn", () => {
    assert.ok(isSameShape(shape, { ids: [...shape.ids], edges: shape.edges.map(([from, to]) => [from, to]) }));
    assert.ok(!isSameShape(shape, { ...shape, ids: [...shape.ids].reverse() }));
    assert.ok(!isSameShape(shape, { ...shape, edges: shape.edges.slice(1) }));
  });
});

describe("stepFrom", () => {
  const layout = layOutGraph(shape);
  const links = linksOf(shape);

  it("follows the edges to the right and to the left", () => {
    assert.equal(stepFrom(layout, links, "clean", "right"), "report");
    assert.equal(stepFrom(layout, links, "report", "left"), "clean");
    assert.equal(stepFrom(layout, links, "report", "right"), undefined);
  });

  it("goes up and down within a layer", () => {
    const [upper, lower] = layout.nodes.filter(({ layer }) => layer === 1).sort((one, other) => one.y - other.y);
    assert.equal(stepFrom(layout, links, upper?.id, "down"), lower?.id);
    assert.equal(stepFrom(layout, links, lower?.id, "up"), upper?.id);
    assert.equal(stepFrom(layout, links, upper?.id, "up"), undefined);
  });

  it("begins with the first node", () => {
    assert.equal(stepFrom(layout, links, undefined, "right"), "fetch");
    assert.equal(stepFrom(layout, links, "gone", "up"), "fetch");
  });
});

function shapeOf(text: string): GraphShape {
  const edges = text.split("; ").map((edge) => edge.split(" > ") as [string, string]);
  return { ids: [...new Set(edges.flat())], edges };
}
