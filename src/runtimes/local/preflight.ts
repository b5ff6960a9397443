import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { Needs, PreflightOptions } from "../../ports/executor.ts";
import type { Finding } from "../../ports/finding.ts";
import { requestOf, serviceOf } from "../../spec/node.ts";
import type { Workflow, WorkflowNode } from "../../spec/workflow.ts";
import type { Executors } from "./context.ts";

/** Checks what the nodes that have not settled will need; all findings of all executors at once. */
export async function runPreflight(
  executors: Executors,
  state: RunState,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const unsettled = state.byPosition.flatMap(({ status, definition }) =>
    definition === undefined || isSettledNode(status) ? [] : [definition],
  );
  return checkNodes(executors, state.workflow, unsettled, options, signal);
}

/** As `runPreflight`, without a run: nodes of a bound workflow. */
export async function checkNodes(
  executors: Executors,
  workflow: Workflow,
  nodes: readonly WorkflowNode[],
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const byExecutor = Map.groupBy(nodes, (node) => node.executor);
  const findings = await Promise.all(
    [...byExecutor].map(([kind, mine]) => executors[kind]?.preflight?.(needsOf(workflow, mine), options, signal) ?? []),
  );
  return findings.flat();
}

function needsOf(workflow: Workflow, nodes: readonly WorkflowNode[]): Needs {
  const services = new Map(nodes.flatMap((node) => serviceOf(workflow, node) ?? []).map((one) => [one.name, one]));
  const others = nodes.filter((node) => serviceOf(workflow, node) === undefined);
  return {
    services: [...services.values()],
    nodes: others.map((node) => ({ nodeId: node.id, request: requestOf(node) })),
  };
}

/** What `run.failed` says of a failed preflight, or undefined if nothing stands against the run. */
export function preflightError(findings: readonly Finding[]): ErrorInfo | undefined {
  const errors = findings.filter((finding) => finding.severity === "error");
  const first = errors[0];
  if (first === undefined) return undefined;
  const names = [...new Set(errors.map((finding) => finding.service ?? finding.node ?? ""))];
  const what = errors.every((finding) => finding.service !== undefined) ? "services" : "things";
  const message = errors.length === 1 ? first.message : `${names.length} ${what} are not ready: ${names.join(", ")}`;
  return { code: first.code, message, details: { findings: findings.map((finding): JsonObject => ({ ...finding })) } };
}
