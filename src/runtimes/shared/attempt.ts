import type { AttemptToMake } from "../../engine/commands.ts";
import type { Attempt } from "../../ports/executor.ts";
import { serviceOf } from "../../workflow/node.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";

/**
 * What an executor needs to make it, but for where its output goes: plain JSON.
 * @param workflow bound, and `node` is one of it
 */
export function attemptOf(
  { runId, traceId, workflow }: { readonly runId: string; readonly traceId: string; readonly workflow: Workflow },
  node: WorkflowNode,
  { nodeId, attempt, idempotencyKey, timeoutMs, request }: AttemptToMake,
): Attempt {
  const common = { runId, nodeId, attempt, traceId, idempotencyKey, timeoutMs, request };
  const service = serviceOf(workflow, node);
  return service === undefined ? common : { ...common, service };
}
