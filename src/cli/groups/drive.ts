import type { Command } from "../command.ts";
import { rerunCommand } from "../commands/rerun.ts";
import { resumeCommand } from "../commands/resume.ts";
import { runCommand } from "../commands/run.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that drive runs: their start-up time matters most. */
export const COMMANDS: readonly Command[] = [runCommand, resumeCommand, rerunCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
