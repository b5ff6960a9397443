import fc from "fast-check";
import { createGraph, type Graph } from "../graph/graph.ts";
import type { Random } from "../kernel/random.ts";

/**
 * Any acyclic graph of 1 to `maxNodes` nodes `n0`, `n1`, … in random file order: edges do not
 * always point down the file. Shrinks to fewer nodes and fewer edges.
 */
export function anyGraph(options: { readonly maxNodes?: number } = {}): fc.Arbitrary<Graph> {
  return fc
    .integer({ min: 1, max: options.maxNodes ?? 12 })
    .chain((size) =>
      fc.tuple(
        fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: size * 2 }),
      ),
    )
    .map(([order, pairs]) => graphAlong(order, pairs));
}

/** An acyclic graph: each pair becomes an edge that points along `order`. */
function graphAlong(order: readonly number[], pairs: readonly (readonly [number, number])[]): Graph {
  const rank = new Map(order.map((position, index) => [position, index]));
  const edges = pairs
    .filter(([a, b]) => a !== b)
    .map(([a, b]): readonly [number, number] => ((rank.get(a) ?? 0) < (rank.get(b) ?? 0) ? [a, b] : [b, a]));
  return createGraph(
    order.map((_, position) => `n${position}`),
    edges,
  );
}

export interface RandomWorkflowOptions {
  /** ≥ 1 */
  readonly nodes: number;
  /** Service addresses; nodes are dealt out to them. */
  readonly addresses: readonly string[];
  /** How much the nodes are linked, in edges per node. Default 1.5. */
  readonly edgesPerNode?: number;
  /** `chain` and `fan` (one node, all others at once, one node) instead of a random graph. */
  readonly shape?: "random" | "chain" | "fan";
  /** Further keys for the top of the file: `max_parallel`, `on_failure`, … */
  readonly top?: { readonly [key: string]: unknown };
  /** Further keys for every node: `timeout_seconds`, `retry`, … */
  readonly node?: { readonly [key: string]: unknown };
}

/**
 * A valid workflow file as JSON text: nodes `n0`, `n1`, … in random file order over services `s0`, `s1`, …
 * at the given addresses. Half of the edges are written as `next_node`, half as `depends_on`.
 */
export function randomWorkflowText(random: Random, options: RandomWorkflowOptions): string {
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const order = shuffled(
    Array.from({ length: options.nodes }, (_, index) => index),
    below,
  );
  const graph = graphAlong(order, pairsOf(order, options, below));
  const nextOf = new Map<number, string[]>();
  const upstreamOf = new Map<number, string[]>();
  const put = (map: Map<number, string[]>, key: number, id: string): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [id]);
    else list.push(id);
  };
  graph.downstream.forEach((list, from) => {
    for (const to of list) {
      if (below(2) === 0) put(nextOf, from, `n${to}`);
      else put(upstreamOf, to, `n${from}`);
    }
  });
  const containers = Object.fromEntries(
    graph.ids.map((id, position) => [
      id,
      {
        service: `s${below(options.addresses.length)}`,
        input_file: `/data/${id}.in`,
        output_file: `/data/${id}.out`,
        ...(nextOf.has(position) ? { next_node: nextOf.get(position) } : {}),
        ...(upstreamOf.has(position) ? { depends_on: upstreamOf.get(position) } : {}),
        ...options.node,
      },
    ]),
  );
  const file = {
    workflow_name: "random",
    start_node: graph.ids.filter((_, position) => graph.upstream[position]?.length === 0),
    ...options.top,
    service_registry: Object.fromEntries(options.addresses.map((address, index) => [`s${index}`, address])),
    containers,
  };
  return JSON.stringify(file, undefined, 2);
}

function pairsOf(
  order: readonly number[],
  options: RandomWorkflowOptions,
  below: (limit: number) => number,
): (readonly [number, number])[] {
  const at = (index: number): number => order[index] ?? 0;
  const last = order.length - 1;
  switch (options.shape ?? "random") {
    case "chain":
      return order.slice(1).map((to, index) => [at(index), to] as const);
    case "fan":
      return order.slice(1, -1).flatMap((middle) => [[at(0), middle] as const, [middle, at(last)] as const]);
    case "random": {
      const count = Math.round(order.length * (options.edgesPerNode ?? 1.5));
      return Array.from({ length: count }, () => [below(order.length), below(order.length)] as const);
    }
  }
}

function shuffled(values: readonly number[], below: (limit: number) => number): readonly number[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [result[last], result[other]] = [result[other] ?? 0, result[last] ?? 0];
  }
  return result;
}
