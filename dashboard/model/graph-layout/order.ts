import type { Layers, Vertex } from "./layered.ts";

const SWEEPS = 12;

/**
 * Orders the vertices of each layer so that few edges cross: sweeps to and fro put each at the mean of its neighbours'
 * places, and the best order that was seen is kept.
 */
export function orderLayers(given: Layers): Layers {
  let layers = given;
  let best = given;
  number(layers);
  let fewest = countCrossings(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    layers = sweep % 2 === 0 ? layers.map((layer) => sorted(layer, "left")) : sweepBack(layers);
    const crossings = countCrossings(layers);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = layers;
  }
  number(best);
  return best;
}

/** How many pairs of edges between neighbouring layers cross, by the places of their ends. */
export function countCrossings(layers: Layers): number {
  return layers.reduce((sum, layer, index) => sum + crossingsAfter(layer, layers[index + 1]?.length ?? 0), 0);
}

function sweepBack(layers: Layers): Layers {
  return [...layers]
    .reverse()
    .map((layer) => sorted(layer, "right"))
    .reverse();
}

/** Sorted by the mean place of its neighbours on one side; who has none there stays about where it is. */
function sorted(layer: readonly Vertex[], side: "left" | "right"): readonly Vertex[] {
  const wanted = layer.map((vertex) => ({ vertex, want: meanPlace(vertex[side]) ?? vertex.place }));
  wanted.sort((a, b) => a.want - b.want || a.vertex.place - b.vertex.place);
  const order = wanted.map(({ vertex }) => vertex);
  numberLayer(order);
  return order;
}

function meanPlace(vertices: readonly Vertex[]): number | undefined {
  if (vertices.length === 0) return undefined;
  let sum = 0;
  for (const { place } of vertices) sum += place;
  return sum / vertices.length;
}

function number(layers: Layers): void {
  for (const layer of layers) numberLayer(layer);
}

function numberLayer(layer: readonly Vertex[]): void {
  layer.forEach((vertex, place) => {
    vertex.place = place;
  });
}

/** Counts inversions with a Fenwick tree: n edges cost n log n, not n². */
function crossingsAfter(layer: readonly Vertex[], size: number): number {
  const tree = new Int32Array(size + 1);
  let crossings = 0;
  let seen = 0;
  for (const vertex of layer) {
    const ends = vertex.right.map(({ place }) => place);
    for (const end of ends) {
      let before = 0;
      for (let at = end + 1; at > 0; at -= at & -at) before += tree[at] ?? 0;
      crossings += seen - before;
    }
    // Edges from one vertex do not cross each other: they are entered after all of them were counted.
    for (const end of ends) for (let at = end + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
    seen += ends.length;
  }
  return crossings;
}
