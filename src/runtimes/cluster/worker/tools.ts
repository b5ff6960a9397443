import type { Clock } from "../../../kernel/clock.ts";
import type { Secrets } from "../../../kernel/secrets.ts";
import type { Executor } from "../../../ports/executor.ts";
import type { RunLogs } from "../../../ports/run-logs.ts";
import type { ReadDefinition } from "../../shared/load.ts";

/** A drive that waits holds none of the places that Restate has for invocations. */
export const DRIVE_INACTIVITY_MS = 2_000;

/** What a worker makes attempts and drives runs with. */
export interface WorkerTools {
  /** By kind of node. */
  readonly executors: { readonly [kind: string]: Executor | undefined };
  readonly clock: Clock;
  /** The one the executors read from, so that what they read is masked in what is recorded. */
  readonly secrets: Secrets;
  readonly readDefinition: ReadDefinition;
  /** Where attempts put what they write; dropped if left out. */
  readonly logs?: Pick<RunLogs, "open">;
  /** How long a drive that waits stays in memory until Restate suspends it; {@link DRIVE_INACTIVITY_MS}, if left out. */
  readonly driveInactivityMs?: number;
  /** Told when work that another worker may go on with was left to itself: perhaps none does. */
  readonly onLeft?: () => void;
  /** Told of what attempts survive. Does not throw. */
  readonly onTrouble: (trouble: unknown) => void;
}
