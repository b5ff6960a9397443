import { useEffect, useMemo, useRef, useState } from "react";
import { type GraphLayout, layOutGraph } from "../../model/graph-layout/layout.ts";
import { type GraphShape, isSameShape } from "../../model/graph-shape.ts";
import { startWorker } from "../worker/worker.ts";

/** From so many nodes on it would be felt that the page stands still for it. */
const MANY_NODES = 300;

/** The layout of a shape; undefined while a worker is at it. */
export function useLayout(shape: GraphShape): GraphLayout | undefined {
  const [made, setMade] = useState<{ readonly of: GraphShape; readonly layout: GraphLayout }>();
  const isLarge = shape.ids.length >= MANY_NODES;
  useEffect(
    () => (isLarge ? layOutBeside(shape, (layout) => setMade({ of: shape, layout })) : undefined),
    [shape, isLarge],
  );
  const small = useMemo(() => (isLarge ? undefined : layOutGraph(shape)), [shape, isLarge]);
  return small ?? (made?.of === shape ? made.layout : undefined);
}

/** @returns gives up */
function layOutBeside(shape: GraphShape, done: (layout: GraphLayout) => void): () => void {
  const worker = startWorker("layout-worker");
  worker.addEventListener("message", ({ data }: MessageEvent<GraphLayout>) => {
    worker.terminate();
    done(data);
  });
  // Late is better than never.
  worker.addEventListener("error", () => done(layOutGraph(shape)));
  worker.postMessage({ ids: shape.ids, edges: shape.edges });
  return () => worker.terminate();
}

/** The shape as it was, for as long as it would be drawn alike: a page that asks anew does not make the graph jump. */
export function useSteadyShape(shape: GraphShape): GraphShape {
  const last = useRef(shape);
  if (!isSameShape(last.current, shape)) last.current = shape;
  return last.current;
}
