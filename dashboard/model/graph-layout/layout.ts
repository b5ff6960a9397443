// Where the nodes of a graph stand and which way its edges go: in layers from left to right (Sugiyama, Tagawa and Toda
// 1981). Plain data, so that a worker can do it for large graphs.
import type { GraphShape } from "../graph-shape.ts";
import { foldLayers } from "./fold.ts";
import { chooseHeights } from "./heights.ts";
import { createVertex, type Vertex } from "./layered.ts";
import { chooseLayers, type IndexedEdge } from "./layers.ts";
import { orderLayers } from "./order.ts";
import { type GraphSizes, sizesFor } from "./sizes.ts";
import { type Places, pointsOf } from "./ways.ts";

export interface LaidNode {
  readonly id: string;
  /** Of its upper left corner. */
  readonly x: number;
  readonly y: number;
  /** Which column it stands in, from the left. */
  readonly layer: number;
}

export interface LaidEdge {
  readonly from: string;
  readonly to: string;
  /**
   * x and y of points in turn: the edge leaves its node at the first and arrives at the last; between them it passes
   * layers straight, from every second point to the next.
   */
  readonly points: readonly number[];
}

export interface GraphLayout {
  readonly sizes: GraphSizes;
  /** In the order of the shape. */
  readonly nodes: readonly LaidNode[];
  readonly edges: readonly LaidEdge[];
  readonly width: number;
  readonly height: number;
}

/** What a passing edge takes of the height of a layer. */
const LANE = 10;
/** Beyond so many, edges that pass layers go straight through them. */
const MAX_LANES = 60_000;

/** Lays a graph out. The same shape gives the same layout. */
export function layOutGraph(shape: GraphShape, sizes: GraphSizes = sizesFor(shape)): GraphLayout {
  const { nodeWidth, nodeHeight, gapX, gapY } = sizes;
  const edges = knownEdges(shape);
  const layerOf = chooseLayers(shape.ids.length, edges);
  const layers: Vertex[][] = Array.from({ length: layerOf.reduce(greater, 0) + 1 }, () => []);
  const nodes = layerOf.map((layer) => addVertex(createVertex(true, layer)));
  let lanes = 0;
  const ways = edges.map(([from, to]) => linkedWay(nodes[from], nodes[to]));
  const ordered = orderLayers(layers);
  const step = { x: nodeWidth + gapX, y: nodeHeight + gapY };
  const { rows, seats, columns } = foldLayers(ordered, step);
  chooseHeights(rows, (vertex) => (vertex.isNode ? step.y : LANE));
  const firstColumns = runningSums(columns);
  const places: Places = {
    sizes,
    seatOf: (vertex) => seats.get(vertex) ?? { row: vertex, column: 0 },
    columnsOf: (layer) => columns[layer] ?? 1,
    x: (layer, column) => columnNumber(layer, column) * step.x,
  };
  const drawn = ways.map((way) => pointsOf(way, places));
  const tops = nodes.map((node) => places.seatOf(node).row.y - nodeHeight / 2);
  const top = Math.min(tops.reduce(less, Number.POSITIVE_INFINITY), drawn.map(highest).reduce(less, Infinity));
  const bottom = Math.max(
    tops.reduce(greater, Number.NEGATIVE_INFINITY) + nodeHeight,
    drawn.map(lowest).reduce(greater, -Infinity),
  );
  return {
    sizes,
    nodes: nodes.map((node, index) => {
      const { row, column } = places.seatOf(node);
      const layer = columnNumber(node.layer, column);
      return { id: shape.ids[index] ?? "", x: layer * step.x, y: row.y - nodeHeight / 2 - top, layer };
    }),
    edges: drawn.map((points, index) => ({
      from: shape.ids[edges[index]?.[0] ?? 0] ?? "",
      to: shape.ids[edges[index]?.[1] ?? 0] ?? "",
      points: points.map((value, at) => (at % 2 === 0 ? value : value - top)),
    })),
    width: nodes.length === 0 ? 0 : columns.reduce((sum, count) => sum + count, 0) * step.x - gapX,
    height: nodes.length === 0 ? 0 : bottom - top,
  };

  function columnNumber(layer: number, column: number): number {
    return (firstColumns[layer] ?? 0) + column;
  }

  function addVertex(vertex: Vertex): Vertex {
    layers[vertex.layer]?.push(vertex);
    return vertex;
  }

  /** The vertices from one node to another, with one for each layer between them. */
  function linkedWay(from: Vertex | undefined, to: Vertex | undefined): readonly Vertex[] {
    if (from === undefined || to === undefined) return [];
    const way = [from];
    const between = to.layer - from.layer - 1;
    if (between < 0) return [from, to];
    if (lanes + between <= MAX_LANES) {
      lanes += between;
      for (let layer = from.layer + 1; layer < to.layer; layer += 1) way.push(addVertex(createVertex(false, layer)));
    }
    way.push(to);
    if (way.length - 2 === between) {
      way.forEach((vertex, index) => {
        const next = way[index + 1];
        if (next === undefined) return;
        vertex.right.push(next);
        next.left.push(vertex);
      });
    }
    return way;
  }
}

/** For each position the sum of all before it. */
function runningSums(values: readonly number[]): readonly number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum - value;
  });
}

function highest(points: readonly number[]): number {
  return points.reduce((least, value, at) => (at % 2 === 1 ? Math.min(least, value) : least), Number.POSITIVE_INFINITY);
}

function lowest(points: readonly number[]): number {
  return points.reduce((most, value, at) => (at % 2 === 1 ? Math.max(most, value) : most), Number.NEGATIVE_INFINITY);
}

function less(one: number, other: number): number {
  return Math.min(one, other);
}

function greater(one: number, other: number): number {
  return Math.max(one, other);
}

/** By positions, each once; those from or to an unknown node, or from a node to itself, are left out. */
function knownEdges({ ids, edges }: GraphShape): readonly IndexedEdge[] {
  const position = new Map(ids.map((id, index) => [id, index]));
  const seen = new Set<number>();
  return edges.flatMap(([fromId, toId]) => {
    const from = position.get(fromId);
    const to = position.get(toId);
    if (from === undefined || to === undefined || from === to) return [];
    const key = from * ids.length + to;
    if (seen.has(key)) return [];
    seen.add(key);
    return [[from, to] as const];
  });
}
