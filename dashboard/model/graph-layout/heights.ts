import type { Layers, Vertex } from "./layered.ts";

const ROUNDS = 8;
/** A passing edge is drawn straight rather than near to what it links. */
const STRAIGHT = 4;
/** What a vertex without neighbours weighs beside those that have some. */
const LOOSE = 0.1;

/** How much height a vertex takes, with the room around it. */
export type HeightOf = (vertex: Vertex) => number;

/**
 * Chooses `y` for every vertex: near the mean of its neighbours, in the order of its layer and without touching. Rounds
 * to the right and to the left let every end of a long way pull.
 */
export function chooseHeights(layers: Layers, heightOf: HeightOf): void {
  for (const layer of layers) stack(layer, heightOf);
  const rightwards = layers.slice(1);
  const leftwards = layers.slice(0, -1).reverse();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const layer of rightwards) place(layer, ["left"], heightOf);
    for (const layer of leftwards) place(layer, ["right"], heightOf);
  }
  for (const layer of layers) place(layer, ["left", "right"], heightOf);
}

/** From the top to the bottom, its middle at 0. */
function stack(layer: readonly Vertex[], heightOf: HeightOf): void {
  let bottom = 0;
  for (const vertex of layer) {
    vertex.y = bottom + heightOf(vertex) / 2;
    bottom += heightOf(vertex);
  }
  for (const vertex of layer) vertex.y -= bottom / 2;
}

/** Vertices that touch and are moved as one; `sum / weight` is where its first would stand. */
interface Block {
  sum: number;
  weight: number;
  readonly members: { readonly vertex: Vertex; readonly offset: number }[];
}

/** Pool adjacent violators: those that would overlap are joined and stand at the mean of what they want. */
function place(layer: readonly Vertex[], sides: readonly ("left" | "right")[], heightOf: HeightOf): void {
  const blocks: Block[] = [];
  let offset = 0;
  let above: Vertex | undefined;
  for (const vertex of layer) {
    if (above !== undefined) offset += (heightOf(above) + heightOf(vertex)) / 2;
    above = vertex;
    let { sum, weight } = pull(vertex, sides);
    if (weight === 0) {
      weight = LOOSE;
      sum = vertex.y * LOOSE;
    }
    let block: Block = { sum: sum - offset * weight, weight, members: [{ vertex, offset }] };
    for (let last = blocks.at(-1); last !== undefined && want(last) > want(block); last = blocks.at(-1)) {
      blocks.pop();
      block = join(last, block);
    }
    blocks.push(block);
  }
  for (const block of blocks) for (const { vertex, offset } of block.members) vertex.y = want(block) + offset;
}

function pull(vertex: Vertex, sides: readonly ("left" | "right")[]): { sum: number; weight: number } {
  let sum = 0;
  let weight = 0;
  for (const side of sides) {
    for (const neighbour of vertex[side]) {
      const pulls = vertex.isNode || neighbour.isNode ? 1 : STRAIGHT;
      sum += pulls * neighbour.y;
      weight += pulls;
    }
  }
  return { sum, weight };
}

function want({ sum, weight }: Block): number {
  return sum / weight;
}

/** The smaller list is copied into the longer one: n vertices cost n log n. */
function join(upper: Block, lower: Block): Block {
  for (const member of lower.members) upper.members.push(member);
  upper.sum += lower.sum;
  upper.weight += lower.weight;
  return upper;
}
