import type { RunEvent } from "../../engine/events.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { Secrets } from "../../kernel/secrets.ts";
import type { Executor } from "../../ports/executor.ts";
import type { Journal } from "../../ports/journal.ts";
import type { RunLogs } from "../../ports/run-logs.ts";
import type { WorkflowNode } from "../../spec/workflow.ts";
import type { Slots } from "./slots.ts";

/** Told of every event once it is durable, in order, one call an append. It must not throw. */
export type RunObserver = (events: readonly RunEvent[]) => void;

/** The executor of each kind of node. */
export type Executors = { readonly [kind in WorkflowNode["executor"]]?: Executor };

/** What all drivers of a runtime share. */
export interface DriverContext {
  readonly journal: Journal;
  readonly executors: Executors;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly slots: Slots;
  /** Where attempts put what they write. */
  readonly logs?: Pick<RunLogs, "open">;
  readonly observe: RunObserver;
}
