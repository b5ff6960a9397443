import type { Command } from "../command.ts";
import { serveCommand } from "../commands/serve.ts";
import { dispatch } from "../dispatch.ts";

/** The command that serves the API: it loads an HTTP framework, which no other command needs. */
export const COMMANDS: readonly Command[] = [serveCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
