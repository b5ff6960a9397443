import type { Finding } from "../../engine/finding.ts";
import type { RunState } from "../../engine/state.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import { readFindings } from "../../ports/executor-answers.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";
import type { Executors } from "./context.ts";
import { needsOf, unsettledNodes } from "./needs.ts";

/** Checks what the nodes that have not settled will need; all findings of all executors at once. */
export async function checkRun(
  executors: Executors,
  state: RunState,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return checkNodes(executors, state.workflow, unsettledNodes(state), options, signal);
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
      const found = await executor.preflight(needsOf(workflow, mine), options, signal);
      return readFindings(found, `the ${kind} executor`);
    }),
  );
  return findings.flat();
}
