import type { Command } from "../command.ts";
import { cancelCommand } from "../commands/cancel.ts";
import { checkCommand } from "../commands/check.ts";
import { pauseCommand } from "../commands/pause.ts";
import { pruneCommand } from "../commands/prune.ts";
import { tokenCommand } from "../commands/token.ts";
import { unpauseCommand } from "../commands/unpause.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that call services or write to the journal, but drive no run to its end. */
export const COMMANDS: readonly Command[] = [
  checkCommand,
  pauseCommand,
  unpauseCommand,
  cancelCommand,
  pruneCommand,
  tokenCommand,
];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
