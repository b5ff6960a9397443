import { linkedGroups, stronglyConnected } from "../../graph/components.ts";
import { findCycles, formatCycle } from "../../graph/cycles.ts";
import { createGraph, type Graph } from "../../graph/graph.ts";
import { topologicalOrder } from "../../graph/order.ts";
import { reachableFrom } from "../../graph/reach.ts";
import { type Place, placeAt } from "../tree/place.ts";
import type { Problems } from "../tree/problems.ts";
import { quote } from "../tree/raw.ts";
import type { Names } from "../tree/read-fields.ts";
import type { Edges, NodeNames } from "./read-edges.ts";
import type { NodeDraft } from "./read-nodes.ts";

/** Nodes of an unreachable group that its message names. */
const MAX_NAMED = 3;

export interface StartNode {
  readonly position: number;
  readonly place: Place;
}

/**
 * What `start_node` names.
 * @returns undefined where it is left out; `unknown` if a name could not even be guessed
 */
export function readStartNodes(
  problems: Problems,
  written: Names,
  names: NodeNames,
): { readonly starts: readonly StartNode[]; readonly unknown: boolean } {
  const place = placeAt(undefined, "start_node");
  if (written.list.length === 0) problems.add("WORKFLOW_INVALID_VALUE", "start_node is empty", place);
  const starts: StartNode[] = [];
  const seen = new Set<string>();
  let unknown = written.list.length === 0;
  written.list.forEach((name, index) => {
    const at = written.single ? place : placeAt(place, index);
    if (name === undefined) {
      unknown = true;
      return;
    }
    if (seen.has(name)) problems.add("WORKFLOW_INVALID_VALUE", `start_node names ${quote(name)} twice`, at);
    seen.add(name);
    const found = names.find(name, "start_node", at);
    if (found === undefined) unknown = true;
    else starts.push({ position: found.position, place: at });
  });
  return { starts, unknown };
}

/**
 * Cycles, start nodes with upstream and unreachable nodes.
 * @param start undefined where start nodes are all that have no upstream
 */
export function checkGraph(
  problems: Problems,
  nodes: readonly NodeDraft[],
  edges: Edges,
  start: { readonly starts: readonly StartNode[]; readonly unknown: boolean } | undefined,
): Graph {
  const ids = nodes.map(({ entry }) => entry.id);
  const graph = createGraph(ids, edges.list);
  const cyclic = topologicalOrder(graph).length < ids.length;
  if (cyclic) reportCycles(problems, graph, nodes);
  if (start !== undefined) {
    reportStartsWithUpstream(problems, graph, start.starts, cyclic);
    // With an unknown start anything may be reachable; without start_node only what hangs on a cycle is not.
    if (!start.unknown) reportUnreachable(problems, nodes, createGraph(ids, edges.probable), start.starts);
  }
  return graph;
}

function reportCycles(problems: Problems, graph: Graph, nodes: readonly NodeDraft[]): void {
  for (const cycle of findCycles(graph)) {
    const ids = cycle.map((position) => graph.ids[position] ?? "");
    const last = nodes[cycle.at(-1) ?? 0];
    const first = nodes[cycle[0] ?? 0];
    const message = `these nodes wait for each other in a circle: ${formatCycle(ids.map(unquoted))}`;
    problems.add("WORKFLOW_CYCLE", message, last && first ? placeOfEdge(last, first) : undefined);
  }
}

function unquoted(id: string): string {
  return quote(id).slice(1, -1);
}

/** Where the edge is written: in `next_node` of the one or in `depends_on` of the other. */
function placeOfEdge(from: NodeDraft, to: NodeDraft): Place {
  const next = placeOfName(from.nextNode, to.entry.id, placeAt(from.entry.place, "next_node"));
  return next ?? placeOfName(to.dependsOn, from.entry.id, placeAt(to.entry.place, "depends_on")) ?? to.entry.place;
}

function placeOfName(names: Names | undefined, name: string, place: Place): Place | undefined {
  const index = names?.list.indexOf(name) ?? -1;
  if (index < 0) return undefined;
  return names?.single === true ? place : placeAt(place, index);
}

function reportStartsWithUpstream(
  problems: Problems,
  graph: Graph,
  starts: readonly StartNode[],
  cyclic: boolean,
): void {
  const componentOf = cyclic ? stronglyConnected(graph) : undefined;
  for (const { position, place } of starts) {
    // An edge that closes a cycle has been reported as that.
    const upstream = graph.upstream[position]?.find(
      (from) => componentOf === undefined || componentOf[from] !== componentOf[position],
    );
    if (upstream === undefined) continue;
    const [start, from] = [quote(graph.ids[position] ?? ""), quote(graph.ids[upstream] ?? "")];
    problems.add("WORKFLOW_START_HAS_UPSTREAM", `the start node ${start} depends on ${from}`, place);
  }
}

function reportUnreachable(
  problems: Problems,
  nodes: readonly NodeDraft[],
  graph: Graph,
  starts: readonly StartNode[],
): void {
  const reached = reachableFrom(
    graph.downstream,
    starts.map(({ position }) => position),
  );
  const lost = nodes.map((_, position) => position).filter((position) => reached[position] === 0);
  for (const group of linkedGroups(graph, lost)) {
    const ids = group.map((position) => quote(graph.ids[position] ?? ""));
    const entry = nodes[group[0] ?? 0]?.entry;
    if (entry === undefined) continue;
    const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : "";
    const message = `no start node reaches ${ids.slice(0, MAX_NAMED).join(", ")}${more}`;
    problems.add("WORKFLOW_UNREACHABLE_NODE", message, entry.idPlace, { at: entry.idAt });
  }
}
