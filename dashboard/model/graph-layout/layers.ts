/** An edge as the positions of its nodes. */
export type IndexedEdge = readonly [from: number, to: number];

/**
 * For each node its layer: right of all it waits for. A node that waits for nothing stands close to the first that waits
 * for it. Where edges go in a circle (a workflow that is refused can be looked at too) some have to go left: the
 * circle is cut before the node that comes first in the file.
 */
export function chooseLayers(count: number, edges: readonly IndexedEdge[]): readonly number[] {
  const downstream: number[][] = Array.from({ length: count }, () => []);
  const waiting = new Array<number>(count).fill(0);
  for (const [from, to] of edges) {
    downstream[from]?.push(to);
    waiting[to] = (waiting[to] ?? 0) + 1;
  }
  const starts = waiting.flatMap((left, node) => (left === 0 ? [node] : []));
  const layer = new Array<number>(count).fill(0);
  const done = new Set<number>();
  settleAll(starts);
  // What is left goes in circles, or waits for one.
  for (let node = 0; node < count; node += 1) settleAll([node]);
  for (const node of starts) {
    const after = downstream[node] ?? [];
    const first = after.reduce((least, to) => Math.min(least, layer[to] ?? 0), Number.POSITIVE_INFINITY);
    if (Number.isFinite(first)) layer[node] = Math.max(0, first - 1);
  }
  return layer;

  /** With all that then waits for nothing more: the list is its own queue and grows while it is read. */
  function settleAll(queue: number[]): void {
    for (const node of queue) {
      if (done.has(node)) continue;
      done.add(node);
      for (const to of downstream[node] ?? []) {
        if (done.has(to)) continue;
        layer[to] = Math.max(layer[to] ?? 0, (layer[node] ?? 0) + 1);
        const left = (waiting[to] ?? 0) - 1;
        waiting[to] = left;
        if (left === 0) queue.push(to);
      }
    }
  }
}
