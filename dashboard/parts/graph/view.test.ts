import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contains, fitView, moveBy, overlaps, READABLE_SCALE, revealNode, seenRect, showNode, zoomAt } from "./view.ts";

const graph = { width: 4000, height: 1000 };
const box = { width: 960, height: 340 };
const node = { x: 3000, y: 500, width: 156, height: 34 };

describe("the view of a graph", () => {
  it("shows all of it when it is fitted, and does not blow up a small one", () => {
    assert.ok(contains(seenRect(fitView(graph, box), box), { x: 0, y: 0, ...graph }));
    assert.equal(fitView({ width: 100, height: 50 }, box).scale, 1.15);
  });

  it("keeps a graph that is as high as the box below the tools", () => {
    const view = fitView({ width: 800, height: 1000 }, box);
    const top = (0 - view.y) * view.scale;
    assert.ok(top >= 43.999, `${top}`);
    assert.ok((1000 - view.y) * view.scale <= box.height + 0.001);
  });

  it("shows a node in the middle, at a size at which it can be read", () => {
    const view = showNode(node, box, 0.1);
    const seen = seenRect(view, box);
    assert.ok(view.scale >= READABLE_SCALE);
    assert.ok(Math.abs(seen.x + seen.width / 2 - (node.x + node.width / 2)) < 0.001);
    assert.ok(Math.abs(seen.y + seen.height / 2 - (node.y + node.height / 2)) < 0.001);
  });

  it("moves no further than it takes to see a node", () => {
    const seenAlready = { x: 2900, y: 400, scale: 1 };
    assert.equal(revealNode(node, seenAlready, box), seenAlready);
    const cutOff = { x: 2100, y: 400, scale: 1 };
    const revealed = revealNode(node, cutOff, box);
    assert.ok(contains(seenRect(revealed, box), node));
    assert.equal(revealed.y, cutOff.y);
    const far = revealNode(node, { x: 0, y: 0, scale: 1 }, box);
    assert.ok(contains(seenRect(far, box), node));
  });

  it("keeps what is under the pointer under it while it zooms", () => {
    const before = { x: 100, y: 50, scale: 0.5 };
    const at = { x: 300, y: 200 };
    const after = zoomAt(before, 1.7, at, graph, box);
    assert.equal(after.scale, 0.85);
    assert.ok(Math.abs(before.x + at.x / before.scale - (after.x + at.x / after.scale)) < 0.001);
    assert.ok(Math.abs(before.y + at.y / before.scale - (after.y + at.y / after.scale)) < 0.001);
  });

  it("ends its zoom where nothing more is to be seen", () => {
    let view = fitView(graph, box);
    for (let step = 0; step < 50; step += 1) view = zoomAt(view, 1.5, { x: 0, y: 0 }, graph, box);
    assert.equal(view.scale, 2.5);
    for (let step = 0; step < 50; step += 1) view = zoomAt(view, 0.5, { x: 0, y: 0 }, graph, box);
    assert.ok(view.scale > 0 && view.scale <= fitView(graph, box).scale);
  });

  it("cannot push the graph out of the box", () => {
    for (const [dx, dy] of [
      [99_999, 99_999],
      [-99_999, -99_999],
    ] as const) {
      const seen = seenRect(moveBy({ x: 0, y: 0, scale: 1 }, dx, dy, graph, box), box);
      assert.ok(overlaps(seen, { x: 0, y: 0, ...graph }));
    }
  });
});
