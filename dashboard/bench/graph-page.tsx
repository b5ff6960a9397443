// A page of the bench: the product's graph alone, or a bare canvas with as many boxes and lines in its place.
// ?nodes=1000&bare to see it; `window.bench` is what the bench asks.
import { type ReactNode, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { NODE_STATUSES } from "../../src/engine/status.ts";
import { Graph, type GraphHandle } from "../parts/graph/graph.tsx";
import { showBareCanvas } from "./bare-canvas.ts";
import { type Draws, measureDraws } from "./measure-draws.ts";
import { sampleGraph, sampleStates, seededRandom } from "./sample-graph.ts";

const query = new URLSearchParams(location.search);
const shape = sampleGraph(Number(query.get("nodes") ?? 1000));
const states = sampleStates(shape);
const random = seededRandom(5);
const root = document.getElementById("root") ?? document.body;

/** What the bench asks of this page. */
interface Bench {
  measure(perSecond: number, forMs: number): Promise<Draws>;
  fit(): void;
  nameOf(position: number): string;
}

/** Another status for a node, as a run would have it. */
function changeOne(): void {
  const id = shape.ids[Math.floor(random() * shape.ids.length)] ?? "";
  states.set(id, NODE_STATUSES[Math.floor(random() * NODE_STATUSES.length)] ?? "pending");
}

function GraphPage(): ReactNode {
  const [revision, setRevision] = useState(0);
  const [selected, setSelected] = useState<string | undefined>(query.get("selected") ?? undefined);
  const graph = useRef<GraphHandle>(null);
  const change = (): void => {
    changeOne();
    // The bench takes React's work on it into account.
    flushSync(() => setRevision((before) => before + 1));
  };
  offer({
    measure: (perSecond, forMs) => measureDraws(change, perSecond, forMs),
    fit: () => graph.current?.fit(),
    nameOf,
  });
  return (
    <Graph
      ref={graph}
      shape={shape}
      stateOf={(id) => ({ status: states.get(id) ?? "pending" })}
      revision={revision}
      selected={selected}
      onSelect={setSelected}
      label="Graph of a sample"
    />
  );
}

function nameOf(position: number): string {
  return shape.ids[position] ?? "";
}

function offer(bench: Bench): void {
  Object.assign(window, { bench });
}

const box = document.createElement("section");
box.className = "card";
Object.assign(box.style, { margin: "20px", height: `${query.get("height") ?? 360}px`, flex: "none" });
root.append(box);
if (query.has("bare")) {
  const drawAgain = showBareCanvas(box, shape, states);
  const change = (): void => {
    changeOne();
    drawAgain();
  };
  offer({
    measure: (perSecond, forMs) => measureDraws(change, perSecond, forMs),
    fit: () => undefined,
    nameOf,
  });
} else createRoot(box).render(<GraphPage />);
