import type { Command } from "../command.ts";
import { cancelCommand } from "../commands/cancel.ts";
import { checkCommand } from "../commands/check.ts";
import { dispatch } from "../dispatch.ts";

/** What calls services or writes to the journal, but drives no run to its end. */
export const COMMANDS: readonly Command[] = [checkCommand, cancelCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
