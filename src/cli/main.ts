import { isCommandName, loadCommand, SUMMARIES } from "./commands.ts";
import { dispatch } from "./dispatch.ts";

/** Every command, each loaded when it is called. */
export function main(argv: readonly string[], version: string): Promise<void> {
  return dispatch(argv, version, {
    summaries: SUMMARIES,
    load: async (name) => (isCommandName(name) ? loadCommand(name) : undefined),
  });
}
