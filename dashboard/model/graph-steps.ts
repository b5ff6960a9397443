import type { GraphLayout, LaidNode } from "./graph-layout/layout.ts";
import type { GraphLinks } from "./graph-shape.ts";

/** A step from a node to another: along an edge, or up and down in its layer. */
export type GraphStep = "left" | "right" | "up" | "down";

/**
 * The node that lies one step away: of the neighbours along the edges the one that stands closest in height. Undefined
 * where there is none; from nowhere, the first node.
 */
export function stepFrom(
  layout: GraphLayout,
  links: GraphLinks,
  from: string | undefined,
  step: GraphStep,
): string | undefined {
  const here = layout.nodes.find(({ id }) => id === from);
  if (here === undefined) return layout.nodes[0]?.id;
  if (step === "left" || step === "right") {
    const ids = new Set(step === "left" ? links.upstream(here.id) : links.downstream(here.id));
    ids.delete(here.id);
    return closest(
      layout.nodes.filter(({ id }) => ids.has(id)),
      here,
    );
  }
  const sign = step === "down" ? 1 : -1;
  return closest(
    layout.nodes.filter(({ layer, y }) => layer === here.layer && sign * (y - here.y) > 0),
    here,
  );
}

function closest(nodes: readonly LaidNode[], { y }: LaidNode): string | undefined {
  const [first, ...others] = nodes;
  if (first === undefined) return undefined;
  return others.reduce((best, node) => (Math.abs(node.y - y) < Math.abs(best.y - y) ? node : best), first).id;
}
