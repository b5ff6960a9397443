import type { Command } from "../command.ts";
import { doctorCommand } from "../commands/doctor.ts";
import { eventsCommand } from "../commands/events.ts";
import { runsCommand } from "../commands/runs.ts";
import { showCommand } from "../commands/show.ts";
import { dispatch } from "../dispatch.ts";

/** What only reads the journal. */
export const COMMANDS: readonly Command[] = [runsCommand, showCommand, eventsCommand, doctorCommand];

export function main(argv: readonly string[], version: string): Promise<void> {
  return dispatch(argv, version, COMMANDS);
}
