import type { Abilities } from "../../engine/machine.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Executor } from "../../ports/executor.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";

/** What can run nodes here, by their kind. */
export type Executors = { readonly [kind in WorkflowNode["executor"]]?: Executor };

/** @throws BusbarError EXECUTOR_NOT_AVAILABLE */
export function requireExecutors({ nodes }: Workflow, executors: Executors): void {
  const missing = nodes.find((node) => executors[node.executor] === undefined);
  if (missing === undefined) return;
  throw new BusbarError(
    "EXECUTOR_NOT_AVAILABLE",
    `${missing.id} is a ${missing.executor} node; nothing here runs those`,
  );
}

export function abilitiesOf(executors: Executors): Abilities {
  return Object.fromEntries(
    Object.entries<Executor | undefined>(executors).map(([kind, executor]) => [
      kind,
      {
        recover: executor?.recover !== undefined,
        sweep: executor?.sweep !== undefined,
        release: executor?.release !== undefined,
      },
    ]),
  );
}
