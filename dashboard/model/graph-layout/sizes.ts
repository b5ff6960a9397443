import type { GraphShape } from "../graph-shape.ts";

/** In pixels at scale 1. */
export interface GraphSizes {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** Between the layers, and between the nodes of a layer. */
  readonly gapX: number;
  readonly gapY: number;
}

/** Nodes of a small graph have room for a second line. */
const FEW_NODES = 30;

/** Whether the graph is small enough for roomy nodes, all of them buttons. */
export function isSmallGraph({ ids }: GraphShape): boolean {
  return ids.length < FEW_NODES;
}

/** The sizes that suit a graph. */
export function sizesFor(shape: GraphShape): GraphSizes {
  return isSmallGraph(shape)
    ? { nodeWidth: 200, nodeHeight: 52, gapX: 80, gapY: 24 }
    : { nodeWidth: 156, nodeHeight: 34, gapX: 52, gapY: 10 };
}
