// What nodes need that is not the run's own: the services that they call, and what those need that call none.
import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { Needs } from "../../ports/executor.ts";
import { requestOf, serviceOf } from "../../workflow/node.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";

export function unsettledNodes(state: RunState): readonly WorkflowNode[] {
  return state.byPosition.flatMap(({ status, definition }) => (isSettledNode(status) ? [] : [definition]));
}

export function needsOf(workflow: Workflow, nodes: readonly WorkflowNode[]): Needs {
  const services = new Map(nodes.flatMap((node) => serviceOf(workflow, node) ?? []).map((one) => [one.name, one]));
  const others = nodes.filter((node) => serviceOf(workflow, node) === undefined);
  return {
    services: [...services.values()],
    nodes: others.map((node) => ({ nodeId: node.id, request: requestOf(node) })),
  };
}
