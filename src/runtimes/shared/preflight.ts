import type { Finding } from "../../engine/finding.ts";
import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { Needs, PreflightOptions } from "../../ports/executor.ts";
import { readFindings } from "../../ports/executor-answers.ts";
import { needsOf, requestOf } from "../../workflow/node.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";
import type { Executors } from "./executors.ts";

/** Checks what the nodes that have not settled will need; all findings of all executors at once. */
export async function checkRun(
  executors: Executors,
  state: RunState,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const unsettled = state.byPosition.flatMap(({ status, definition }) => (isSettledNode(status) ? [] : [definition]));
  return checkNodes(executors, state.workflow, unsettled, options, signal);
}

/** As `checkRun`, without a run: nodes of a bound workflow. */
export async function checkNodes(
  executors: Executors,
  workflow: Workflow,
  nodes: readonly WorkflowNode[],
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const byExecutor = Map.groupBy(nodes, (node) => node.executor);
  const findings = await Promise.all(
    [...byExecutor].map(async ([kind, mine]) => {
      const executor = executors[kind];
      if (executor?.preflight === undefined) return [];
      const found = await executor.preflight(needsOfNodes(workflow, mine), options, signal);
      return readFindings(found, `the ${kind} executor`);
    }),
  );
  return findings.flat();
}

function needsOfNodes(workflow: Workflow, nodes: readonly WorkflowNode[]): Needs {
  const { services, others } = needsOf(workflow, nodes);
  return { services, nodes: others.map((node) => ({ nodeId: node.id, request: requestOf(node) })) };
}
