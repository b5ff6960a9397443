// The product's graph alone on a page, for the bench and for looking at it: ?nodes=1000
import { useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { Graph, type GraphHandle } from "../parts/graph/graph.tsx";
import { sampleGraph, sampleStates } from "./sample-graph.ts";

const query = new URLSearchParams(location.search);
const shape = sampleGraph(Number(query.get("nodes") ?? 1000));
const states = sampleStates(shape);

function GraphPage() {
  const [revision, setRevision] = useState(0);
  const [selected, setSelected] = useState<string | undefined>(query.get("selected") ?? undefined);
  const graph = useRef<GraphHandle>(null);
  Object.assign(window, {
    states,
    shape,
    graph,
    select: setSelected,
    changed: () => setRevision((before) => before + 1),
  });
  return (
    <main style={{ padding: 20 }}>
      <h1 className="unseen">Graph</h1>
      <section className="card" style={{ height: Number(query.get("height") ?? 360), maxWidth: 1000 }}>
        <Graph
          ref={graph}
          shape={shape}
          stateOf={(id) => ({ status: states.get(id) ?? "pending" })}
          revision={revision}
          selected={selected}
          onSelect={setSelected}
          label="Graph of a sample"
        />
      </section>
    </main>
  );
}

createRoot(document.getElementById("root") ?? document.body).render(<GraphPage />);
