import { BusbarError, type ErrorInfo } from "../../kernel/errors.ts";
import type { JsonObject } from "../../kernel/json.ts";
import type { PreflightOptions } from "../../ports/executor.ts";
import type { Finding } from "../../ports/finding.ts";
import type { Service, WorkflowNode } from "../../spec/workflow.ts";
import type { Executors } from "./context.ts";

/** All findings of all executors at once. */
export async function checkServices(
  executors: Executors,
  services: ReadonlyMap<string, readonly Service[]>,
  options: PreflightOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    [...services].map(([kind, of]) => {
      const executor = executors[kind as WorkflowNode["executor"]];
      if (executor === undefined) throw new BusbarError("EXECUTOR_NOT_AVAILABLE", `no executor for ${kind} nodes`);
      return executor.preflight?.(of, options, signal) ?? [];
    }),
  );
  return findings.flat();
}

/** What `run.failed` says of a failed preflight, or undefined if nothing stands against the run. */
export function preflightError(findings: readonly Finding[]): ErrorInfo | undefined {
  const errors = findings.filter((finding) => finding.severity === "error");
  const first = errors[0];
  if (first === undefined) return undefined;
  const message =
    errors.length === 1
      ? first.message
      : `${errors.length} services are not ready: ${errors.map((e) => e.service).join(", ")}`;
  return { code: first.code, message, details: { findings: findings.map((finding): JsonObject => ({ ...finding })) } };
}
