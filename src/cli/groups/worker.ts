import type { Command } from "../command.ts";
import { workerCommand } from "../commands/worker.ts";
import { dispatch } from "../dispatch.ts";

/** The command that serves Restate: it loads Restate's SDK, which no other command needs. */
export const COMMANDS: readonly Command[] = [workerCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
