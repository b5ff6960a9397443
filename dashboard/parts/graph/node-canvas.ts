// The canvas of the nodes: a state that changes redraws its node and what touches it, and nothing else.
import type { NodeStatus } from "../../../src/engine/status.ts";
import type { GraphLayout, LaidNode } from "../../model/graph-layout/layout.ts";
import { clearCanvas, toGraphUnits } from "./canvas.ts";
import { drawFarNodes, drawNearNodes, type NodeScene } from "./draw-nodes.ts";
import type { Palette } from "./palette.ts";
import { overlaps, READABLE_SCALE, type Rect, type Size, seenRect, type View } from "./view.ts";

/** What is to be seen of the graph, apart from the states. */
export interface Sight {
  readonly view: View;
  readonly size: Size;
  readonly selected: string | undefined;
  readonly related: ReadonlySet<string> | undefined;
  readonly palette: Palette;
}

export interface NodeCanvas {
  /** All nodes in sight. */
  draw(sight: Sight): void;
  /** Those whose state is another than when they were drawn; the rest is as it was. */
  drawChanges(): void;
}

/** How far what is drawn around a node reaches, in pixels. */
const REACH = 10;
/** With more changes than that at once, all is drawn anew. */
const FEW_CHANGES = 40;

export function createNodeCanvas(
  canvas: HTMLCanvasElement,
  { nodes, sizes }: GraphLayout,
  statusOf: (id: string) => NodeStatus,
): NodeCanvas {
  let sight: Sight | undefined;
  let inSight: readonly LaidNode[] = [];
  const drawn = new Map<string, NodeStatus>();
  return { draw, drawChanges };

  function draw(now: Sight): void {
    sight = now;
    const seen = seenRect(now.view, now.size);
    inSight = nodes.filter((node) => overlaps(rectOf(node, 0), seen));
    const context = clearCanvas(canvas, now.size);
    if (context !== null) put(context, now, inSight);
  }

  function drawChanges(): void {
    if (sight === undefined) return;
    const changed = inSight.filter(({ id }) => drawn.get(id) !== statusOf(id));
    if (changed.length > FEW_CHANGES) draw(sight);
    const context = canvas.getContext("2d");
    if (changed.length === 0 || changed.length > FEW_CHANGES || context === null) return;
    const reach = REACH / sight.view.scale;
    const places = changed.map((node) => rectOf(node, reach));
    context.save();
    clearWithin(context, places, sight.view);
    put(
      context,
      sight,
      inSight.filter((node) => places.some((place) => overlaps(rectOf(node, reach), place))),
    );
    context.restore();
  }

  function put(context: CanvasRenderingContext2D, { view, ...rest }: Sight, some: readonly LaidNode[]): void {
    for (const { id } of some) drawn.set(id, statusOf(id));
    toGraphUnits(context, view);
    const { nodeWidth, nodeHeight } = sizes;
    const scene: NodeScene = { ...rest, nodeWidth, nodeHeight, scale: view.scale, statusOf };
    if (view.scale >= READABLE_SCALE) drawNearNodes(context, some, scene);
    else drawFarNodes(context, some, scene);
  }

  function rectOf({ x, y }: LaidNode, reach: number): Rect {
    const { nodeWidth, nodeHeight } = sizes;
    return { x: x - reach, y: y - reach, width: nodeWidth + 2 * reach, height: nodeHeight + 2 * reach };
  }
}

/** Clears some places, and lets nothing be drawn but there. In whole pixels, so that an edge leaves no seam. */
function clearWithin(context: CanvasRenderingContext2D, places: readonly Rect[], view: View): void {
  const scale = view.scale * devicePixelRatio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  for (const { x, y, width, height } of places) {
    const [left, top] = [Math.floor((x - view.x) * scale), Math.floor((y - view.y) * scale)];
    const [right, bottom] = [Math.ceil((x + width - view.x) * scale), Math.ceil((y + height - view.y) * scale)];
    context.clearRect(left, top, right - left, bottom - top);
    context.rect(left, top, right - left, bottom - top);
  }
  context.clip();
}
