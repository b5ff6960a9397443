// A layer of a thousand nodes is folded into columns: as one column it could not be seen as a whole.
import { createVertex, type Layers, type Vertex } from "./layered.ts";

/** Where a vertex stands in its layer. */
export interface Seat {
  /** What has its height: shared by all in the same row of a folded layer. */
  readonly row: Vertex;
  readonly column: number;
}

/** Layers of rows, which are given their heights in place of the vertices. */
export interface Folded {
  readonly rows: Layers;
  readonly seats: ReadonlyMap<Vertex, Seat>;
  /** How many columns each layer has. */
  readonly columns: readonly number[];
}

/** Width to height: a graph that is narrower is folded, until it is as wide as the second says. */
const TOO_NARROW = 0.67;
const WIDE_ENOUGH = 1.5;
/** A column of so many is no strip yet. */
const FEW_ROWS = 12;
/** Only layers that stand out are folded, by so much beyond what is usual: edges find their way past one, not past all. */
const OUTSTANDING = 3;

/**
 * Folds layers into columns where that keeps the graph from being a narrow strip: the first nodes of a layer stand in
 * its first column, and so on.
 * @param step how far apart columns and rows are
 */
export function foldLayers(layers: Layers, step: { readonly x: number; readonly y: number }): Folded {
  const columns = chooseColumns(layers.map(countNodes), step);
  const seats = new Map<Vertex, Seat>();
  const rows = layers.map((layer, index) => {
    const count = columns[index] ?? 1;
    return count > 1 ? foldLayer(layer, Math.ceil(countNodes(layer) / count)) : layer.map(seatAlone);
  });
  for (const [vertex, { row }] of seats) {
    for (const side of ["left", "right"] as const) {
      for (const neighbour of vertex[side]) {
        const seat = seats.get(neighbour);
        if (seat !== undefined) row[side].push(seat.row);
      }
    }
  }
  return { rows, seats, columns };

  function seatAlone(vertex: Vertex): Vertex {
    const row = createVertex(vertex.isNode, vertex.layer);
    seats.set(vertex, { row, column: 0 });
    return row;
  }

  function foldLayer(layer: readonly Vertex[], rowCount: number): readonly Vertex[] {
    const made = Array.from({ length: rowCount }, () => createVertex(true, layer[0]?.layer ?? 0));
    let nodes = 0;
    for (const vertex of layer) {
      // What passes by goes along the row in which the next node stands.
      const row = made[nodes % rowCount];
      if (row !== undefined) seats.set(vertex, { row, column: Math.floor(nodes / rowCount) });
      if (vertex.isNode) nodes += 1;
    }
    return made;
  }
}

/** How many columns each layer gets, by how many nodes it has. */
function chooseColumns(sizes: readonly number[], step: { readonly x: number; readonly y: number }): readonly number[] {
  const usual = medianOf(sizes);
  const most = sizes.reduce((largest, size) => Math.max(largest, size), 1);
  let atMost = most;
  if (proportions() < TOO_NARROW)
    while (atMost > FEW_ROWS && proportions() < WIDE_ENOUGH) atMost = Math.floor(atMost * 0.9);
  return columns();

  function columns(): readonly number[] {
    return sizes.map((size) => (size > OUTSTANDING * usual ? Math.max(1, Math.ceil(size / atMost)) : 1));
  }

  function proportions(): number {
    const counts = columns();
    const width = counts.reduce((sum, count) => sum + count, 0) * step.x;
    const height = sizes.reduce((largest, size, index) => Math.max(largest, size / (counts[index] ?? 1)), 1) * step.y;
    return width / height;
  }
}

/** The lower one of the two in the middle; of a layer that stands alone nothing is usual. */
function medianOf(sizes: readonly number[]): number {
  if (sizes.length < 2) return 0;
  return sizes.toSorted((one, other) => one - other)[Math.floor((sizes.length - 1) / 2)] ?? 0;
}

function countNodes(layer: readonly Vertex[]): number {
  return layer.reduce((count, { isNode }) => count + (isNode ? 1 : 0), 0);
}
