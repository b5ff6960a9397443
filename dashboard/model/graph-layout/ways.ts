import type { Seat } from "./fold.ts";
import type { Vertex } from "./layered.ts";
import type { GraphSizes } from "./sizes.ts";

/** Where things are once every row has its height. */
export interface Places {
  /** Left end of a column of a layer. */
  x(layer: number, column: number): number;
  columnsOf(layer: number): number;
  seatOf(vertex: Vertex): Seat;
  readonly sizes: GraphSizes;
}

/**
 * The points of an edge that leads over these vertices. Through a folded layer it goes between two rows, to the column of
 * its node and from there.
 */
export function pointsOf(way: readonly Vertex[], places: Places): readonly number[] {
  const { nodeWidth, nodeHeight, gapX, gapY } = places.sizes;
  const points: number[] = [];
  way.forEach((vertex, index) => {
    const { layer, isNode } = vertex;
    const { row, column } = places.seatOf(vertex);
    const last = places.columnsOf(layer) - 1;
    const between = row.y - (nodeHeight + gapY) / 2;
    const passes = last > 0 ? between : row.y;
    const x = places.x(layer, column);
    if (index > 0) {
      if (!isNode) points.push(places.x(layer, 0), passes);
      else if (column === 0) points.push(x, row.y);
      else points.push(places.x(layer, 0), between, x - gapX / 2, between, x, row.y);
    }
    if (index < way.length - 1) {
      const end = places.x(layer, last) + nodeWidth;
      if (!isNode) points.push(end, passes);
      else if (column === last) points.push(end, row.y);
      else points.push(x + nodeWidth, row.y, x + nodeWidth + gapX / 2, between, end, between);
    }
  });
  return points;
}
