import { NODE_STATUSES, type NodeStatus } from "../../src/engine/status.ts";
import type { GraphShape } from "../model/graph-shape.ts";

const STAGES = ["extract", "clean", "join", "load", "meter", "analyze", "report"];

/** A graph of the given size as pipelines are: some thirty layers, most nodes with one or two before them, some ways long. */
export function sampleGraph(nodes: number, random: () => number = seededRandom(17)): GraphShape {
  const ids = Array.from({ length: nodes }, (_, index) => `${STAGES[Math.floor(random() * STAGES.length)]}-${index}`);
  const width = Math.max(1, Math.ceil(nodes / 30));
  const edges: (readonly [string, string])[] = [];
  for (let to = 1; to < nodes; to += 1) {
    const count = random() < 0.7 ? 1 : 2;
    for (let edge = 0; edge < count; edge += 1) {
      const away = 1 + Math.floor(random() * width * (random() < 0.9 ? 2 : 5));
      const [from, end] = [ids[to - away], ids[to]];
      if (from !== undefined && end !== undefined) edges.push([from, end]);
    }
  }
  return { ids, edges };
}

/** A run that is half way: what came first has ended, a few failed, and what comes last waits. */
export function sampleStates({ ids }: GraphShape, random: () => number = seededRandom(3)): Map<string, NodeStatus> {
  return new Map(
    ids.map((id, index) => {
      const part = index / ids.length;
      if (part > 0.68) return [id, "pending"];
      if (part > 0.62) return [id, random() < 0.5 ? "running" : "pending"];
      if (random() < 0.03) return [id, NODE_STATUSES[Math.floor(random() * NODE_STATUSES.length)] ?? "failed"];
      return [id, "succeeded"];
    }),
  );
}

/** Mulberry32: numbers in [0, 1) that are the same each time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
