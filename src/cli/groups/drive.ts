import type { Command } from "../command.ts";
import { resumeCommand } from "../commands/resume.ts";
import { runCommand } from "../commands/run.ts";
import { dispatch } from "../dispatch.ts";

/** What drives runs; its start-up counts most. */
export const COMMANDS: readonly Command[] = [runCommand, resumeCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
