import { createSystemIds } from "../adapters/system/ids.ts";
import type { Finding } from "../engine/finding.ts";
import { timestampOf } from "../kernel/timestamp.ts";
import type { PreflightOptions } from "../ports/executor.ts";
import type { StartInput } from "../ports/runtime.ts";
import { type Executors, requireExecutors } from "../runtimes/shared/executors.ts";
import { bindFor } from "../runtimes/shared/load.ts";
import { maskFindings } from "../runtimes/shared/masking.ts";
import { checkNodes } from "../runtimes/shared/preflight.ts";
import { enforcePolicy } from "../workflow/policy/check-policy.ts";
import { closeExecutors, createExecutors } from "./executors.ts";
import type { Shared } from "./shared.ts";

/** What is to be checked: a workflow, and the params it is to run with. */
export type CheckInput = Pick<StartInput, "definition" | "params">;

/** How long a check may take. */
export interface CheckOptions extends Partial<Omit<PreflightOptions, "tellUnchecked">> {
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 5000;

/** Checks what a run would need, without making one. */
export async function checkDefinition(
  { clock, definitions, executors, secrets, policy }: Shared & { readonly executors: Executors },
  { definition, params = {} }: CheckInput,
  { timeoutMs = DEFAULT_TIMEOUT_MS, waitMs = 0, signal = new AbortController().signal, ...rest }: CheckOptions = {},
): Promise<readonly Finding[]> {
  const workflow = await definitions.read(definition);
  requireExecutors(workflow, executors);
  const bound = bindFor(workflow, params, "check", timestampOf(clock.now()));
  enforcePolicy(policy, workflow, bound);
  signal.throwIfAborted();
  const preflight = { ...rest, timeoutMs, waitMs, tellUnchecked: true };
  const findings = await checkNodes(executors, bound, bound.nodes, preflight, signal);
  return maskFindings(findings, secrets);
}

/** As `checkDefinition`, with executors that are made for it and closed after it. */
export async function checkOnce(shared: Shared, input: CheckInput, options: CheckOptions): Promise<readonly Finding[]> {
  const executors = createExecutors({ ...shared, ids: createSystemIds() });
  try {
    return await checkDefinition({ ...shared, executors }, input, options);
  } finally {
    await closeExecutors(executors);
  }
}
