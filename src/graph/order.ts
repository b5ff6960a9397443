import type { Graph } from "./graph.ts";

/**
 * Positions in an order in which each node comes after all it waits for; among those that are free the
 * one that became free first. Nodes on a cycle, and what waits for them, are left out.
 */
export function topologicalOrder(graph: Graph): readonly number[] {
  const waiting = graph.upstream.map((list) => list.length);
  const order: number[] = [];
  waiting.forEach((count, position) => {
    if (count === 0) order.push(position);
  });
  // The list is its own queue: it grows while it is read.
  for (const position of order) {
    for (const next of graph.downstream[position] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
}

/** For each node of an acyclic graph how many nodes come before it at least: the longest way from a start. */
export function levels(graph: Graph): readonly number[] {
  const level = graph.ids.map(() => 0);
  for (const position of topologicalOrder(graph)) {
    const next = (level[position] ?? 0) + 1;
    for (const to of graph.downstream[position] ?? []) level[to] = Math.max(level[to] ?? 0, next);
  }
  return level;
}
