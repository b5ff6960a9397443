import type { Command } from "../command.ts";
import { cancelCommand } from "../commands/cancel.ts";
import { checkCommand } from "../commands/check.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that call services or write to the journal, but drive no run to its end. */
export const COMMANDS: readonly Command[] = [checkCommand, cancelCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
