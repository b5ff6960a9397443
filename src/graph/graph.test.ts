import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anyGraph } from "../testing/graphs.ts";
import { linkedGroups, stronglyConnected } from "./components.ts";
import { findCycles, formatCycle } from "./cycles.ts";
import { createGraph, type Graph } from "./graph.ts";
import { levels, topologicalOrder } from "./order.ts";
import { reachableFrom } from "./reach.ts";

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
const edgesOf = (graph: Graph): [number, number][] =>
  graph.downstream.flatMap((list, from) => list.map((to): [number, number] => [from, to]));
const chain = (count: number): Graph =>
  createGraph(
    ids(count),
    ids(count - 1).map((_, from) => [from, from + 1]),
  );

/** Any edges at all, cycles and self-loops included. */
const anyDirectedGraph = fc
  .integer({ min: 1, max: 10 })
  .chain((size) =>
    fc
      .array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 25 })
      .map((edges) => createGraph(ids(size), edges)),
  );

/** Straight from the definition: a reaches b over at least one edge. */
function reaches(graph: Graph, from: number, to: number): boolean {
  const seen = new Set<number>();
  const stack = [...(graph.downstream[from] ?? [])];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    stack.push(...(graph.downstream[at] ?? []));
  }
  return false;
}

describe("createGraph", () => {
  it("keeps each edge once at both ends, ascending", () => {
    const graph = createGraph(
      ["a", "b", "c"],
      [
        [0, 2],
        [0, 1],
        [0, 2],
        [1, 2],
      ],
    );
    assert.deepEqual(graph.downstream, [[1, 2], [2], []]);
    assert.deepEqual(graph.upstream, [[], [0], [0, 1]]);
  });
});

describe("topologicalOrder", () => {
  it("puts every node after all it waits for", () => {
    fc.assert(
      fc.property(anyGraph(), (graph) => {
        const order = topologicalOrder(graph);
        assert.equal(order.length, graph.ids.length);
        const rank = new Map(order.map((position, index) => [position, index]));
        for (const [from, to] of edgesOf(graph)) assert.ok((rank.get(from) ?? 0) < (rank.get(to) ?? 0));
      }),
    );
  });

  it("leaves out exactly the nodes on a cycle and what waits for them", () => {
    fc.assert(
      fc.property(anyDirectedGraph, (graph) => {
        const cyclic = ids(graph.ids.length).map((_, position) => reaches(graph, position, position));
        const left = graph.ids.flatMap((_, position) => {
          const behind = cyclic.some(
            (onCycle, from) => onCycle && (from === position || reaches(graph, from, position)),
          );
          return behind ? [] : [position];
        });
        assert.deepEqual(
          [...topologicalOrder(graph)].sort((a, b) => a - b),
          left,
        );
      }),
    );
  });

  it("counts levels by the longest way", () => {
    const graph = createGraph(
      ["report", "fetch", "clean", "check"],
      [
        [1, 2],
        [2, 0],
        [1, 0],
      ],
    );
    assert.deepEqual(levels(graph), [2, 0, 1, 0]);
  });
});

describe("findCycles", () => {
  it("finds one cycle for each knot, which is a real one and begins with the knot's first node", () => {
    fc.assert(
      fc.property(anyDirectedGraph, (graph) => {
        const component = stronglyConnected(graph);
        const cycles = findCycles(graph);
        for (const cycle of cycles) {
          cycle.forEach((from, index) => {
            assert.ok(graph.downstream[from]?.includes(cycle[(index + 1) % cycle.length] ?? -1));
          });
          const knot = component[cycle[0] ?? 0];
          assert.equal(cycle[0], component.indexOf(knot ?? -1));
        }
        const knots = new Set(component.filter((_, position) => reaches(graph, position, position)));
        assert.deepEqual(new Set(cycles.map((cycle) => component[cycle[0] ?? 0])), knots);
        assert.equal(cycles.length, knots.size);
      }),
    );
  });

  it("gives the same text whatever the order of the edges", () => {
    const edges: [number, number][] = [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [3, 3],
    ];
    for (const order of [edges, edges.toReversed()]) {
      const graph = createGraph(["a", "b", "c", "d"], order);
      const texts = findCycles(graph).map((cycle) => formatCycle(cycle.map((position) => graph.ids[position] ?? "")));
      assert.deepEqual(texts, ["a -> b -> c -> a", "d -> d"]);
    }
  });

  it("leaves the middle of a long cycle out of its text", () => {
    assert.equal(
      formatCycle(ids(10_000)),
      "n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> (9991 more) -> n9999 -> n0",
    );
  });
});

describe("stronglyConnected", () => {
  it("puts two nodes into one component when each reaches the other", () => {
    fc.assert(
      fc.property(anyDirectedGraph, (graph) => {
        const component = stronglyConnected(graph);
        graph.ids.forEach((_, a) => {
          graph.ids.forEach((__, b) => {
            const together = a === b || (reaches(graph, a, b) && reaches(graph, b, a));
            assert.equal(component[a] === component[b], together);
          });
        });
      }),
    );
  });
});

describe("linkedGroups", () => {
  it("groups by edges within the given nodes only", () => {
    const graph = createGraph(ids(6), [
      [1, 0],
      [1, 2],
      [0, 3],
      [4, 3],
    ]);
    assert.deepEqual(linkedGroups(graph, [0, 2, 3, 4, 5]), [[0, 3, 4], [2], [5]]);
  });
});

describe("reachableFrom", () => {
  it("flags the starts and all that follows, and with upstream all ancestors", () => {
    fc.assert(
      fc.property(anyGraph(), fc.nat(), (graph, pick) => {
        const start = pick % graph.ids.length;
        const down = [...reachableFrom(graph.downstream, [start])];
        const up = [...reachableFrom(graph.upstream, [start])];
        graph.ids.forEach((_, other) => {
          assert.equal(down[other], Number(other === start || reaches(graph, start, other)));
          assert.equal(up[other], Number(other === start || reaches(graph, other, start)));
        });
      }),
    );
  });
});

describe("large graphs", () => {
  it("follows a chain of 100,000 nodes, and a circle of as many, without using up the stack", () => {
    const count = 100_000;
    const line = chain(count);
    assert.equal(topologicalOrder(line).length, count);
    assert.equal(levels(line).at(-1), count - 1);
    assert.equal(reachableFrom(line.upstream, [count - 1])[0], 1);
    assert.equal(linkedGroups(line, [...line.ids.keys()]).length, 1);
    const circle = createGraph(line.ids, [...edgesOf(line), [count - 1, 0]]);
    assert.equal(topologicalOrder(circle).length, 0);
    assert.equal(findCycles(circle)[0]?.length, count);
  });
});
