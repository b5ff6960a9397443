// The floor: as many boxes and lines on one canvas, drawn anew for each change, and nothing else.
import type { NodeStatus } from "../../src/engine/status.ts";
import { layOutGraph } from "../model/graph-layout/layout.ts";
import type { GraphShape } from "../model/graph-shape.ts";
import { readPalette } from "../parts/graph/palette.ts";
import { fitView } from "../parts/graph/view.ts";

/** Draws all of the shape into the box. @returns draws it anew in the next frame */
export function showBareCanvas(box: HTMLElement, shape: GraphShape, states: Map<string, NodeStatus>): () => void {
  const layout = layOutGraph(shape);
  const canvas = document.createElement("canvas");
  const { clientWidth: width, clientHeight: height } = box;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  canvas.style.width = "100%";
  canvas.style.height = "100%";
  box.replaceChildren(canvas);
  const context = canvas.getContext("2d");
  const palette = readPalette(box);
  const view = fitView(layout, { width, height });
  const scale = view.scale * devicePixelRatio;
  const places = new Map(layout.nodes.map((node) => [node.id, node]));
  const { nodeWidth, nodeHeight } = layout.sizes;
  const lines = layout.edges.flatMap(({ from, to }) => {
    const [start, end] = [places.get(from), places.get(to)];
    return start === undefined || end === undefined ? [] : [{ start, end }];
  });
  let isAsked = false;
  draw();
  return () => {
    if (!isAsked) requestAnimationFrame(draw);
    isAsked = true;
  };

  function draw(): void {
    isAsked = false;
    if (context === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
    context.strokeStyle = palette.line;
    context.lineWidth = 1 / view.scale;
    context.beginPath();
    for (const { start, end } of lines) {
      context.moveTo(start.x + nodeWidth, start.y + nodeHeight / 2);
      context.lineTo(end.x, end.y + nodeHeight / 2);
    }
    context.stroke();
    for (const { id, x, y } of layout.nodes) {
      context.fillStyle = palette.status[states.get(id) ?? "pending"];
      context.fillRect(x, y, nodeWidth, nodeHeight);
    }
  }
}
