import { useMemo, useRef } from "react";
import { type GraphLayout, layOutGraph } from "../../model/graph-layout/layout.ts";
import { type GraphShape, isSameShape } from "../../model/graph-shape.ts";

/** The layout of a shape; undefined while a worker is at it. */
export function useLayout(shape: GraphShape): GraphLayout | undefined {
  return useMemo(() => layOutGraph(shape), [shape]);
}

/** The shape as it was, for as long as it would be drawn alike: a page that asks anew does not make the graph jump. */
export function useSteadyShape(shape: GraphShape): GraphShape {
  const last = useRef(shape);
  if (!isSameShape(last.current, shape)) last.current = shape;
  return last.current;
}
