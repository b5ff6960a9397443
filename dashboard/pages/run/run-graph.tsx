import { type ReactNode, useCallback, useMemo } from "react";
import type { RunState } from "../../../src/engine/state.ts";
import type { RunView } from "../../api/shapes.ts";
import type { GraphShape } from "../../model/graph-shape.ts";
import { nodeWords } from "../../model/node-words.ts";
import { Graph, type GraphNodeState } from "../../parts/graph/graph.tsx";

interface RunGraphProps {
  readonly run: RunView;
  readonly state: RunState;
  readonly revision: number;
  readonly selected: string | undefined;
  readonly onSelect: (nodeId: string | undefined) => void;
}

/** The run's nodes and edges, each node as it stands at the instant that is shown. */
export function RunGraph({ run, state, revision, selected, onSelect }: RunGraphProps): ReactNode {
  const { nodes } = run;
  const shape = useMemo<GraphShape>(
    () => ({
      ids: nodes.map(({ id }) => id),
      edges: nodes.flatMap(({ id, upstream }) => upstream.map((from) => [from, id] as const)),
    }),
    [nodes],
  );
  const stateOf = useCallback(
    (id: string): GraphNodeState => {
      const node = state.nodes.get(id);
      return node === undefined ? { status: "pending" } : { status: node.status, detail: nodeWords(node, state) };
    },
    [state],
  );
  return (
    <section className="card run-graph" aria-label="Graph">
      <Graph
        shape={shape}
        stateOf={stateOf}
        revision={revision}
        selected={selected}
        onSelect={onSelect}
        label={`Graph of ${run.workflow}`}
      />
    </section>
  );
}
