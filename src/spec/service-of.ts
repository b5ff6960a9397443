import type { Service } from "./model/service.ts";
import type { Workflow, WorkflowNode } from "./workflow.ts";

/** The service a node calls, if it calls one. */
export function serviceOf(workflow: Workflow, node: WorkflowNode | undefined): Service | undefined {
  return node?.executor === "grpc" ? workflow.services.get(node.service) : undefined;
}
