import type { JsonObject } from "../kernel/json.ts";
import { kindOf } from "./kinds/kinds.ts";
import type { Service } from "./model/service.ts";
import { envNamesOf } from "./policy/policy.ts";
import type { Workflow, WorkflowNode } from "./workflow.ts";

/** What the executor of a node is asked. The node is bound. */
export function requestOf(node: WorkflowNode): JsonObject {
  return kindOf(node).requestOf(node);
}

/** The same as it stands in `node.started`, where everybody may read it: literal tokens are hidden. @param request what `requestOf` says */
export function shownRequestOf(node: WorkflowNode, request: JsonObject): JsonObject {
  return kindOf(node).shownRequestOf?.(node) ?? request;
}

/** The service a node calls, if it calls one. */
export function serviceOf(
  { services }: Pick<Workflow, "services">,
  node: WorkflowNode | undefined,
): Service | undefined {
  const name = node === undefined ? undefined : kindOf(node).serviceNameOf?.(node);
  return name === undefined ? undefined : services.get(name);
}

/** What nodes need that is not the run's own: the services that they call, each once, and the nodes that call none. */
export function needsOf(
  workflow: Pick<Workflow, "services">,
  nodes: readonly WorkflowNode[],
): { readonly services: readonly Service[]; readonly others: readonly WorkflowNode[] } {
  const services = new Map(nodes.flatMap((node) => serviceOf(workflow, node) ?? []).map((one) => [one.name, one]));
  return {
    services: [...services.values()],
    others: nodes.filter((node) => serviceOf(workflow, node) === undefined),
  };
}

/** The environment variables that nodes and the services that they call cannot do without, each once. */
export function envNamesOfNodes(
  workflow: Pick<Workflow, "services">,
  nodes: readonly WorkflowNode[],
): ReadonlySet<string> {
  const { services } = needsOf(workflow, nodes);
  const ofServices = services.flatMap(({ metadata }) => [...metadata.values()].flatMap(envNamesOf));
  return new Set([...ofServices, ...nodes.flatMap((node) => kindOf(node).envNamesOf?.(node) ?? [])]);
}

/** Whether what its attempts print is kept for `busbar logs`. */
export function keepsLog(node: WorkflowNode): boolean {
  return kindOf(node).keepsLog;
}

/** What a person checks before a run: the service that the node calls, or else the node itself. */
export function shownName(node: WorkflowNode): string {
  return kindOf(node).serviceNameOf?.(node) ?? node.id;
}
