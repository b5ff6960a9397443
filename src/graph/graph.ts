import { isFields } from "../kernel/arguments.ts";

/**
 * A directed graph over positions 0…n-1, in file order. Positions instead of ids
 * keep 100,000 nodes cheap; `ids` gives the names back.
 */
export interface Graph {
  readonly ids: readonly string[];
  /** For each node the nodes it waits for, ascending, without doubles. */
  readonly upstream: readonly (readonly number[])[];
  /** For each node the nodes that wait for it, ascending, without doubles. */
  readonly downstream: readonly (readonly number[])[];
}

/** Whether a value from outside has the shape of a graph: positions that exist, in lists for each of its nodes. */
export function isGraph(value: unknown): value is Graph {
  if (!isFields(value)) return false;
  const { ids, upstream, downstream } = value;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string")) return false;
  const isPosition = (to: unknown): boolean => Number.isInteger(to) && Number(to) >= 0 && Number(to) < ids.length;
  return [upstream, downstream].every(
    (lists) =>
      Array.isArray(lists) &&
      lists.length === ids.length &&
      lists.every((list) => Array.isArray(list) && list.every(isPosition)),
  );
}

/**
 * A graph of nodes and the edges between them.
 * @param ids   node ids in file order, each once
 * @param edges pairs [from, to] of positions; doubles count once
 */
export function createGraph(ids: readonly string[], edges: Iterable<readonly [number, number]>): Graph {
  const upstream: number[][] = ids.map(() => []);
  const downstream: number[][] = ids.map(() => []);
  for (const [from, to] of edges) {
    downstream[from]?.push(to);
    upstream[to]?.push(from);
  }
  return { ids, upstream: upstream.map(sortedUnique), downstream: downstream.map(sortedUnique) };
}

function sortedUnique(positions: number[]): readonly number[] {
  if (positions.length < 2) return positions;
  positions.sort((a, b) => a - b);
  return positions.filter((position, index) => index === 0 || position !== positions[index - 1]);
}
