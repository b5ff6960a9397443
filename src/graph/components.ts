import type { Graph } from "./graph.ts";

/**
 * For each node the number of its strongly connected component: two nodes have the same number when each
 * reaches the other. Tarjan's algorithm with a stack of its own, so that a chain of any length will do.
 */
export function stronglyConnected(graph: Graph): readonly number[] {
  const size = graph.ids.length;
  const component: number[] = new Array<number>(size).fill(-1);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const nextEdge = new Int32Array(size);
  const open: number[] = [];
  let counter = 0;
  let components = 0;

  const enter = (position: number, path: number[]): void => {
    index[position] = counter;
    low[position] = counter;
    counter += 1;
    open.push(position);
    path.push(position);
  };
  const lower = (position: number, to: number | undefined): void => {
    if (to !== undefined && to < (low[position] ?? 0)) low[position] = to;
  };
  const close = (position: number): void => {
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component[member] = components;
      if (member === position) break;
    }
    components += 1;
  };

  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) continue;
    const path: number[] = [];
    enter(root, path);
    for (let position = path.at(-1); position !== undefined; position = path.at(-1)) {
      const edge = nextEdge[position] ?? 0;
      const to = graph.downstream[position]?.[edge];
      if (to === undefined) {
        path.pop();
        if (low[position] === index[position]) close(position);
        const before = path.at(-1);
        if (before !== undefined) lower(before, low[position]);
        continue;
      }
      nextEdge[position] = edge + 1;
      if (index[to] === -1) enter(to, path);
      else if (component[to] === -1) lower(position, index[to]);
    }
  }
  return component;
}

/** The given nodes in groups: two are in one group when edges, whatever their direction, link them within the given ones. */
export function linkedGroups(graph: Graph, members: readonly number[]): readonly (readonly number[])[] {
  const left = new Set(members);
  const groups: (readonly number[])[] = [];
  for (const first of members) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const position of group) {
      for (const links of [graph.upstream[position], graph.downstream[position]]) {
        for (const other of links ?? []) if (left.delete(other)) group.push(other);
      }
    }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}
