import type { RunEvent } from "../../engine/events.ts";
import type { Abilities } from "../../engine/machine.ts";
import type { Clock } from "../../kernel/clock.ts";
import { BusbarError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { Workflow, WorkflowNode } from "../../workflow/workflow.ts";
import type { RunQueue } from "./run-queue.ts";
import type { Slots } from "./slots.ts";
import type { VersionLook } from "./version-look.ts";

/** What can run nodes here, by their kind. */
export type Executors = { readonly [kind in WorkflowNode["executor"]]?: Executor };

/**
 * What happens to a run whose events the journal does not take for now (disk full, locked, not writable).
 *
 * - `retry`: the run stalls. Its calls go on; what is to be recorded is tried again until it is taken.
 * - `reject`: the run is left: its calls are aborted, `wait` rejects.
 */
export type OnStall = "retry" | "reject";

/** What all drivers of a runtime share. */
export interface DriverContext {
  readonly journal: Journal;
  readonly version: VersionLook;
  readonly executors: Executors;
  readonly abilities: Abilities;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly slots: Slots;
  /** Where runs wait until they may go on; left out: all go on at once. */
  readonly queue?: RunQueue;
  readonly onStall: OnStall;
  /** Where attempts put what they write. */
  readonly logs?: Pick<RunLogs, "open">;
  /** Told of every event once it is durable, in order, one call an append. Does not throw. */
  readonly observe: (events: readonly RunEvent[]) => void;
  /** Told of what a run survives: an observer that throws, a journal that stalls. Does not throw. */
  readonly onTrouble: (trouble: unknown) => void;
}

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
    Object.entries(executors).map(([kind, executor]) => [
      kind,
      {
        recover: executor.recover !== undefined,
        sweep: executor.sweep !== undefined,
        release: executor.release !== undefined,
      },
    ]),
  );
}
