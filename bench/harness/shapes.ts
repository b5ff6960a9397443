import { createWorkflow } from "../../src/testing/workflow-of.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";

export type Shape = "chain" | "wide" | "layered" | "mesh";

/** `wide`: one node, all others but the last at once, one that waits for them. `layered`: layers of 100, each node waiting for the whole layer before; `mesh`: for ten of it. */
export function shapeOf(shape: Shape, nodes: number): Workflow {
  const ids = Array.from({ length: nodes }, (_, position) => `node-${position}`);
  return createWorkflow(`${shape}-${nodes}`, ids, edgesOf(shape, nodes), { definition: "name" });
}

function* edgesOf(shape: Shape, nodes: number): Iterable<readonly [number, number]> {
  if (shape === "chain") {
    for (let to = 1; to < nodes; to += 1) yield [to - 1, to];
  } else if (shape === "wide") {
    for (let middle = 1; middle < nodes - 1; middle += 1) {
      yield [0, middle];
      yield [middle, nodes - 1];
    }
  } else {
    const upstream = shape === "layered" ? LAYER : 10;
    for (let to = LAYER; to < nodes; to += 1) {
      const before = Math.floor(to / LAYER - 1) * LAYER;
      for (let index = 0; index < upstream; index += 1) yield [before + ((to + index) % LAYER), to];
    }
  }
}

const LAYER = 100;

/** The same graph as a workflow file, with nothing written out that has a default. */
export function fileOf({ name, nodes, graph }: Workflow): string {
  const containers = nodes.map((node, position) => [
    node.id,
    {
      service: "service",
      input_file: `/in/${node.id}`,
      output_file: `/out/${node.id}`,
      next_node: (graph.downstream[position] ?? []).map((to) => graph.ids[to]),
    },
  ]);
  return JSON.stringify({
    workflow_name: name,
    start_node: graph.ids.filter((_, position) => graph.upstream[position]?.length === 0),
    service_registry: { service: "localhost:50051" },
    containers: Object.fromEntries(containers),
  });
}
