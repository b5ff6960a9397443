import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import type { GraphShape } from "../../../model/graph-shape.ts";
import { Graph } from "../../../parts/graph/graph.tsx";
import { NodeFacts } from "./node-facts.tsx";
import "./graph-card.css";

/** Up to so many nodes the graph is low, as on the page of a run. */
const FEW = 8;

/** The graph of a workflow; of the node that is chosen, what it is and what it waits for. */
export function GraphCard({ workflow }: { readonly workflow: WorkflowView }): ReactNode {
  const { graph, name } = workflow;
  const [selected, setSelected] = useState<string>();
  const key = JSON.stringify(graph);
  // Asked anew it is another object that says the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what the graph says
  const shape = useMemo(() => shapeOf(graph), [key]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what the graph says
  const nodes = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node])), [key]);
  const stateOf = useCallback(
    (id: string) => {
      const node = nodes.get(id);
      return { status: "pending", detail: node?.service ?? node?.executor } as const;
    },
    [nodes],
  );
  const chosen = selected === undefined ? undefined : nodes.get(selected);
  return (
    <section className="card workflow-graph" aria-labelledby="graph-title">
      <div className="row workflow-card-head">
        <h2 id="graph-title">Graph</h2>
        <span className="quiet">{countsOf(graph)}</span>
      </div>
      <div className={shape.ids.length > FEW ? "workflow-graph-box workflow-graph-high" : "workflow-graph-box"}>
        <Graph
          shape={shape}
          stateOf={stateOf}
          revision={0}
          selected={chosen?.id}
          onSelect={setSelected}
          label={`Graph of ${name}`}
        />
      </div>
      {chosen === undefined ? null : <NodeFacts graph={graph} node={chosen} onSelect={setSelected} />}
    </section>
  );
}

function shapeOf({ nodes, edges }: WorkflowView["graph"]): GraphShape {
  return { ids: nodes.map(({ id }) => id), edges: edges.map(({ from, to }) => [from, to]) };
}

function countsOf({ nodes, edges }: WorkflowView["graph"]): string {
  const number = (count: number, word: string): string =>
    `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  return `${number(nodes.length, "node")}, ${number(edges.length, "edge")}`;
}
