import { stronglyConnected } from "./components.ts";
import type { Graph } from "./graph.ts";

/** Ids of a cycle that are written out at most. */
const SHOWN = 10;

/**
 * One cycle of each knot of nodes that wait for each other: the shortest through its first node in file
 * order. Each begins with that node, which is not repeated at the end; the knots are in file order.
 */
export function findCycles(graph: Graph): readonly (readonly number[])[] {
  const knots = stronglyConnected(graph);
  const cycles: (readonly number[])[] = [];
  const seen = new Set<number>();
  knots.forEach((knot, position) => {
    if (seen.has(knot)) return;
    seen.add(knot);
    const cycle = shortestCycle(graph, position, knots);
    if (cycle !== undefined) cycles.push(cycle);
  });
  return cycles;
}

/** Breadth first from a node back to itself, never leaving its knot. */
function shortestCycle(graph: Graph, start: number, knots: readonly number[]): readonly number[] | undefined {
  const from = new Map<number, number>();
  const queue = [start];
  for (const position of queue) {
    for (const next of graph.downstream[position] ?? []) {
      if (next === start) return wayBack(from, start, position);
      if (knots[next] !== knots[start] || from.has(next)) continue;
      from.set(next, position);
      queue.push(next);
    }
  }
  return undefined;
}

function wayBack(from: ReadonlyMap<number, number>, start: number, last: number): readonly number[] {
  const way: number[] = [];
  for (let position = last; position !== start; position = from.get(position) ?? start) way.push(position);
  way.push(start);
  return way.reverse();
}

/** `a -> b -> a`; the middle of a long one is left out. */
export function formatCycle(ids: readonly string[]): string {
  const shown =
    ids.length <= SHOWN
      ? ids
      : [...ids.slice(0, SHOWN - 2), `(${ids.length - SHOWN + 1} more)`, ...ids.slice(ids.length - 1)];
  return [...shown, ids[0] ?? ""].join(" -> ");
}
