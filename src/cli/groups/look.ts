import type { Command } from "../command.ts";
import { doctorCommand } from "../commands/doctor.ts";
import { eventsCommand } from "../commands/events.ts";
import { explainCommand } from "../commands/explain.ts";
import { logsCommand } from "../commands/logs.ts";
import { runsCommand } from "../commands/runs.ts";
import { showCommand } from "../commands/show.ts";
import { watchCommand } from "../commands/watch.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that only read recorded runs. */
export const COMMANDS: readonly Command[] = [
  runsCommand,
  showCommand,
  explainCommand,
  watchCommand,
  eventsCommand,
  logsCommand,
  doctorCommand,
];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
