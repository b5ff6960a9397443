import type { RunState } from "../../engine/state.ts";
import { isSettledNode } from "../../engine/status.ts";
import type { ErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { Needs, PreflightOptions } from "../../ports/executor.ts";
import type { Finding } from "../../ports/finding.ts";
import { requestOf } from "../../spec/request.ts";
import { serviceOf } from "../../spec/service-of.ts";
import type { Service, WorkflowNode } from "../../spec/workflow.ts";
import type { Executors } from "./context.ts";

/** Checks what the nodes that have not settled will need; all findings of all executors at once. */
export async function runPreflight(
  executors: Executors,
  state: RunState,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    [...needsByExecutor(state)].map(([kind, needs]) => executors[kind]?.preflight?.(needs, options, signal) ?? []),
  );
  return findings.flat();
}

function needsByExecutor(state: RunState): ReadonlyMap<WorkflowNode["executor"], Needs> {
  const byExecutor = new Map<
    WorkflowNode["executor"],
    { services: Map<string, Service>; nodes: Needs["nodes"][0][] }
  >();
  for (const { id, status, definition } of state.byPosition) {
    if (definition === undefined || isSettledNode(status)) continue;
    const needs = byExecutor.get(definition.executor) ?? { services: new Map<string, Service>(), nodes: [] };
    byExecutor.set(definition.executor, needs);
    const service = serviceOf(state.workflow, definition);
    if (service === undefined) needs.nodes.push({ nodeId: id, request: requestOf(definition) });
    else needs.services.set(service.name, service);
  }
  return new Map(
    [...byExecutor].map(([kind, { services, nodes }]) => [kind, { services: [...services.values()], nodes }]),
  );
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
