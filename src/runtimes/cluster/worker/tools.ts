import type { Clock } from "../../../kernel/clock.ts";
import type { Secrets } from "../../../kernel/secrets.ts";
import type { Executor } from "../../../ports/executor.ts";
import type { RunLogs } from "../../../ports/run-logs.ts";
import type { ReadDefinition } from "../../shared/load.ts";

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
  /** Told of what attempts survive. Does not throw. */
  readonly onTrouble: (trouble: unknown) => void;
}
