import { join } from "node:path";
import { createRunLogs } from "../adapters/run-logs/run-logs.ts";
import type { RunLogs } from "../ports/run-logs.ts";
import type { Shared } from "./shared.ts";

/** What containers write, beside the journal of a state directory. */
export function openRunLogs(
  stateDir: string,
  { clock, secrets }: Pick<Shared, "clock" | "secrets">,
  onTrouble: (cause: unknown) => void,
): RunLogs {
  return createRunLogs({ folder: join(stateDir, "run-logs"), clock, secrets, onTrouble });
}

/** What containers wrote for whoever keeps it in a folder. */
export function readLogsIn(
  folder: string,
  { clock, secrets }: Pick<Shared, "clock" | "secrets">,
): Pick<RunLogs, "read" | "remove" | "size"> {
  // Nothing is written through it.
  return createRunLogs({ folder, clock, secrets, onTrouble: () => undefined });
}
