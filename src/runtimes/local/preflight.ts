import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { Finding } from "../../ports/finding.ts";
import type { Service, WorkflowNode } from "../../spec/workflow.ts";
import { serviceOf } from "./attempts.ts";
import type { Executors } from "./context.ts";

/** Checks what the nodes that have not settled will need; all findings of all executors at once. */
export async function runPreflight(
  executors: Executors,
  state: RunState,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const needed = servicesByExecutor(state);
  const findings = await Promise.all(
    [...needed].map(([kind, services]) => executors[kind]?.preflight?.([...services.values()], options, signal) ?? []),
  );
  return findings.flat();
}

function servicesByExecutor(state: RunState): ReadonlyMap<WorkflowNode["executor"], ReadonlyMap<string, Service>> {
  const byExecutor = new Map<WorkflowNode["executor"], Map<string, Service>>();
  for (const node of state.byPosition) {
    if (node.definition === undefined || isSettledNode(node.status)) continue;
    const services = byExecutor.get(node.definition.executor) ?? new Map<string, Service>();
    byExecutor.set(node.definition.executor, services);
    const service = serviceOf(state, node);
    if (service !== undefined) services.set(service.name, service);
  }
  return byExecutor;
}

/** What `run.failed` says of a failed preflight, or undefined if nothing stands against the run. */
export function preflightError(findings: readonly Finding[]): ErrorInfo | undefined {
  const errors = findings.filter((finding) => finding.severity === "error");
  const first = errors[0];
  if (first === undefined) return undefined;
  const names = [...new Set(errors.map((finding) => finding.service))];
  const message = errors.length === 1 ? first.message : `${names.length} services are not ready: ${names.join(", ")}`;
  return { code: first.code, message, details: { findings: findings.map((finding): JsonObject => ({ ...finding })) } };
}
