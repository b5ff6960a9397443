import type { NodeStatus } from "../../../src/engine/status.ts";
import type { LaidNode } from "../../model/graph-layout/layout.ts";
import type { Palette } from "./palette.ts";

/** What a frame shows of the nodes. */
export interface NodeScene {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly scale: number;
  readonly statusOf: (id: string) => NodeStatus;
  readonly selected: string | undefined;
  /** The nodes that are not pale, while one is selected. */
  readonly related: ReadonlySet<string> | undefined;
  readonly palette: Palette;
}

/** Of the nodes that are not on a way from or to the selected one. */
const PALE = 0.5;

/** How a status looks where no word fits: each has a shape of its own. */
const SHAPES: { readonly [status in NodeStatus]: (draw: NodeDraw, nodes: readonly LaidNode[]) => void } = {
  succeeded: (draw, nodes) => draw.fill(nodes),
  failed(draw, nodes) {
    draw.fill(nodes);
    draw.ring(nodes);
    draw.cross(nodes);
  },
  running(draw, nodes) {
    draw.fill(nodes);
    draw.stripes(nodes);
  },
  waiting(draw, nodes) {
    draw.outline(nodes);
    draw.dots(nodes);
  },
  pending: (draw, nodes) => draw.outline(nodes),
  skipped: (draw, nodes) => draw.outline(nodes, [10, 8]),
  cancelled(draw, nodes) {
    draw.outline(nodes);
    draw.slash(nodes);
  },
};

const DRAWN = Object.keys(SHAPES).sort((a, b) => Number(a === "failed") - Number(b === "failed"));

/** Draws nodes as shapes, from far away; onto a context in the graph's coordinates. */
export function drawFarNodes(context: CanvasRenderingContext2D, nodes: readonly LaidNode[], scene: NodeScene): void {
  const groups = new Map<string, { status: NodeStatus; isPale: boolean; nodes: LaidNode[] }>();
  for (const node of nodes) {
    const status = scene.statusOf(node.id);
    // What failed is seen whatever is selected.
    const isPale = scene.related !== undefined && !scene.related.has(node.id) && status !== "failed";
    const key = isPale ? `pale ${status}` : status;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { status, isPale, nodes: [node] });
    else group.nodes.push(node);
  }
  // The pale ones first: what stands out lies above them. And what failed last: its frame reaches over its neighbours.
  const order = [...groups.values()].sort(
    (a, b) => Number(b.isPale) - Number(a.isPale) || DRAWN.indexOf(a.status) - DRAWN.indexOf(b.status),
  );
  for (const group of order) {
    context.globalAlpha = group.isPale ? PALE : 1;
    SHAPES[group.status](nodeDraw(context, scene, scene.palette.status[group.status]), group.nodes);
  }
  context.globalAlpha = 1;
  const chosen = nodes.find(({ id }) => id === scene.selected);
  if (chosen !== undefined) drawSelection(context, chosen, scene);
}

/** Draws what lies under the buttons, so that a node is there before its button is. */
export function drawNearNodes(context: CanvasRenderingContext2D, nodes: readonly LaidNode[], scene: NodeScene): void {
  for (const node of nodes) {
    context.fillStyle = scene.palette.surface;
    context.strokeStyle = scene.palette.status[scene.statusOf(node.id)];
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(node.x + 1, node.y + 1, scene.nodeWidth - 2, scene.nodeHeight - 2, 8);
    context.fill();
    context.stroke();
  }
}

function drawSelection(context: CanvasRenderingContext2D, { x, y }: LaidNode, scene: NodeScene): void {
  const away = 7 / scene.scale;
  context.strokeStyle = scene.palette.focus;
  context.lineWidth = 3 / scene.scale;
  context.strokeRect(x - away, y - away, scene.nodeWidth + 2 * away, scene.nodeHeight + 2 * away);
}

interface NodeDraw {
  fill(nodes: readonly LaidNode[]): void;
  outline(nodes: readonly LaidNode[], dashes?: readonly number[]): void;
  ring(nodes: readonly LaidNode[]): void;
  cross(nodes: readonly LaidNode[]): void;
  slash(nodes: readonly LaidNode[]): void;
  stripes(nodes: readonly LaidNode[]): void;
  dots(nodes: readonly LaidNode[]): void;
}

function nodeDraw(context: CanvasRenderingContext2D, scene: NodeScene, colour: string): NodeDraw {
  const { nodeWidth: width, nodeHeight: height, scale } = scene;
  /** A pixel of the screen. */
  const pixel = 1 / scale;
  /** Signs within a node keep their weight, until they would fill it. */
  const thick = Math.min(1.5 * pixel, height / 6);
  const trace = (nodes: readonly LaidNode[], add: (node: LaidNode) => void): void => {
    context.beginPath();
    for (const node of nodes) add(node);
  };
  const addBox = ({ x, y }: LaidNode): void => {
    if (scale > 0.3) context.roundRect(x, y, width, height, 6);
    else context.rect(x, y, width, height);
  };
  return {
    fill(nodes) {
      trace(nodes, addBox);
      context.fillStyle = colour;
      context.fill();
    },
    outline(nodes, dashes = []) {
      trace(nodes, addBox);
      context.fillStyle = scene.palette.surface;
      context.fill();
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.setLineDash([...dashes]);
      context.stroke();
      context.setLineDash([]);
    },
    ring(nodes) {
      const away = 3 * pixel;
      trace(nodes, ({ x, y }) => context.rect(x - away, y - away, width + 2 * away, height + 2 * away));
      context.strokeStyle = colour;
      context.lineWidth = 1.5 * pixel;
      context.stroke();
    },
    cross(nodes) {
      const arm = height * 0.3;
      trace(nodes, ({ x, y }) => {
        const [middleX, middleY] = [x + width / 2, y + height / 2];
        context.moveTo(middleX - arm, middleY - arm);
        context.lineTo(middleX + arm, middleY + arm);
        context.moveTo(middleX + arm, middleY - arm);
        context.lineTo(middleX - arm, middleY + arm);
      });
      context.strokeStyle = scene.palette.surface;
      context.lineWidth = thick;
      context.stroke();
    },
    slash(nodes) {
      trace(nodes, ({ x, y }) => {
        context.moveTo(x, y + height);
        context.lineTo(x + width, y);
      });
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.stroke();
    },
    stripes(nodes) {
      trace(nodes, ({ x, y }) => {
        for (let part = 1; part < 4; part += 1)
          context.rect(x + (part * width) / 4 - width / 32, y, width / 16, height);
      });
      context.fillStyle = scene.palette.surface;
      context.fill();
    },
    dots(nodes) {
      const side = height / 3;
      trace(nodes, ({ x, y }) => {
        for (let part = 1; part < 4; part += 1) context.rect(x + (part * width) / 4 - side / 2, y + side, side, side);
      });
      context.fillStyle = colour;
      context.fill();
    },
  };
}
