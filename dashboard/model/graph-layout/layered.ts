// What the steps of the layout hand on to each other.

/** A place in a layer: a node, or where an edge that passes by goes through. */
export interface Vertex {
  readonly isNode: boolean;
  layer: number;
  /** Where it stands in its layer, from the top: 0, 1, … */
  place: number;
  /** Of its middle. */
  y: number;
  /** Its neighbours one layer to the left, and to the right. */
  readonly left: Vertex[];
  readonly right: Vertex[];
}

/** From the left; each from the top. */
export type Layers = readonly (readonly Vertex[])[];

export function createVertex(isNode: boolean, layer: number): Vertex {
  return { isNode, layer, place: 0, y: 0, left: [], right: [] };
}
