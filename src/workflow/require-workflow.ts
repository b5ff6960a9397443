import { isGraph } from "../graph/graph.ts";
import { isFields, refuseArgument, requireEach, requireMap, requireObject } from "../kernel/arguments.ts";

/**
 * Refuses what is clearly no workflow that `parseWorkflow` has made. It does not look at every field.
 * @throws BusbarError USAGE
 */
export function requireWorkflow(name: string, value: unknown): void {
  if (!isFields(value)) refuseArgument(name, "a workflow, from parseWorkflow", value);
  requireEach(`${name}.nodes`, value.nodes, isNode, "a node {id, executor, retry, …}");
  requireMap(`${name}.params`, value.params);
  requireObject(`${name}.definition`, value.definition, "an object {hash, text, format}");
  if (!isGraph(value.graph)) refuseArgument(`${name}.graph`, "a graph {ids, upstream, downstream}", value.graph);
}

function isNode(item: unknown): boolean {
  return isFields(item) && typeof item.id === "string" && typeof item.executor === "string" && isFields(item.retry);
}
