import { refuseArgument, requireObject, requireOneOf, requireText } from "../kernel/arguments.ts";
import { escapeControls } from "../kernel/text.ts";
import { type Graph, isGraph } from "./graph.ts";
import { levels } from "./order.ts";

/** Every format that a graph can be drawn in. */
export const GRAPH_FORMATS = ["text", "mermaid", "dot"] as const;
/** How a graph is drawn. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** What can be drawn; a Workflow is one. The graph has no cycle. */
export interface Drawing {
  readonly name: string;
  readonly graph: Graph;
}

/**
 * A workflow's graph as text: `text` lists its nodes by level, `mermaid` and `dot` are for programs that draw.
 * @param drawing a Workflow, or a name and a graph without cycles
 * @returns lines that each end in a newline
 * @throws BusbarError USAGE
 */
export function renderGraph(drawing: Drawing, format: GraphFormat): string {
  requireObject("drawing", drawing, "a workflow, or {name, graph}");
  requireText("drawing.name", drawing.name);
  if (!isGraph(drawing.graph)) refuseArgument("drawing.graph", "a graph {ids, upstream, downstream}", drawing.graph);
  requireOneOf("format", format, GRAPH_FORMATS);
  switch (format) {
    case "text":
      return renderText(drawing);
    case "mermaid":
      return renderMermaid(drawing);
    case "dot":
      return renderDot(drawing);
  }
}

/** One line a node, by level: nodes of one level do not wait for each other. */
function renderText({ name, graph }: Drawing): string {
  const level = levels(graph);
  const order = graph.ids.map((_, position) => position).sort((a, b) => (level[a] ?? 0) - (level[b] ?? 0) || a - b);
  const edges = graph.downstream.reduce((sum, list) => sum + list.length, 0);
  const ids = graph.ids.map(escapeControls);
  const width = ids.reduce((widest, id) => Math.max(widest, id.length), 0);
  const digits = String(level.reduce((deepest, one) => Math.max(deepest, one), 0) + 1).length;
  const lines = order.map((position) => {
    const step = String((level[position] ?? 0) + 1).padStart(digits);
    const upstream = (graph.upstream[position] ?? []).map((from) => ids[from] ?? "");
    const id = ids[position] ?? "";
    return upstream.length === 0 ? `${step}  ${id}` : `${step}  ${id.padEnd(width)}  <- ${upstream.join(", ")}`;
  });
  const title = `${escapeControls(name)}: ${counted(graph.ids.length, "node")}, ${counted(edges, "edge")}`;
  return `${[title, ...lines].join("\n")}\n`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Nodes are named n0, n1, … and carry their id as a label, because Mermaid gives words like `end` a meaning. */
function renderMermaid({ graph }: Drawing): string {
  const nodes = graph.ids.map((id, position) => `  n${position}["${mermaidText(id)}"]`);
  const edges = edgesOf(graph, (from, to) => `  n${from} --> n${to}`);
  return `${["flowchart LR", ...nodes, ...edges].join("\n")}\n`;
}

function mermaidText(text: string): string {
  return escapeControls(text).replace(/[^\p{L}\p{N} ._:,-]/gu, (character) => `#${character.codePointAt(0)};`);
}

/** Ids are labels here too: within a name DOT's escapes mean something else than within a label. */
function renderDot({ name, graph }: Drawing): string {
  const nodes = graph.ids.map((id, position) => `  n${position} [label="${dotText(id)}"];`);
  const edges = edgesOf(graph, (from, to) => `  n${from} -> n${to};`);
  const head = [`digraph workflow {`, `  label="${dotText(name)}";`, `  rankdir=LR;`, `  node [shape=box];`];
  return `${[...head, ...nodes, ...edges, "}"].join("\n")}\n`;
}

function dotText(text: string): string {
  return escapeControls(text).replace(/["\\]/g, "\\$&");
}

function edgesOf(graph: Graph, write: (from: number, to: number) => string): readonly string[] {
  return graph.downstream.flatMap((list, from) => list.map((to) => write(from, to)));
}
