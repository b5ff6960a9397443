import type { ReactNode } from "react";
import type { WorkflowView } from "../../../api/shapes.ts";
import { Fact, Facts } from "../../../parts/facts/facts.tsx";

/** More are not listed by name. */
const MOST = 12;

type WorkflowGraph = WorkflowView["graph"];

interface NodeFactsProps {
  readonly graph: WorkflowGraph;
  readonly node: WorkflowGraph["nodes"][number];
  readonly onSelect: (id: string | undefined) => void;
}

/** What a node is, and what comes before and after it. */
export function NodeFacts({ graph, node, onSelect }: NodeFactsProps): ReactNode {
  const { id, executor, name, service } = node;
  const before = graph.edges.filter(({ to }) => to === id).map(({ from }) => from);
  const after = graph.edges.filter(({ from }) => from === id).map(({ to }) => to);
  return (
    <div className="node-facts">
      <Facts>
        <Fact name="Node">
          <b>{id}</b>
          {name === undefined || name === id ? "" : ` (${name})`}
        </Fact>
        <Fact name="Executor">{executor}</Fact>
        {service === undefined ? null : <Fact name="Service">{service}</Fact>}
        <Nodes what="Waits for" ids={before} onSelect={onSelect} />
        <Nodes what="Goes before" ids={after} onSelect={onSelect} />
      </Facts>
      <button
        type="button"
        className="button small"
        aria-label="Close what is told of the node"
        onClick={() => onSelect(undefined)}
      >
        ✕
      </button>
    </div>
  );
}

function Nodes({
  what,
  ids,
  onSelect,
}: {
  readonly what: string;
  readonly ids: readonly string[];
  readonly onSelect: (id: string) => void;
}): ReactNode {
  if (ids.length === 0) return null;
  return (
    <Fact name={what}>
      <span className="node-facts-ids">
        {ids.slice(0, MOST).map((id) => (
          <button key={id} type="button" className="node-facts-id" onClick={() => onSelect(id)}>
            {id}
          </button>
        ))}
        {ids.length > MOST ? `and ${ids.length - MOST} more` : ""}
      </span>
    </Fact>
  );
}
