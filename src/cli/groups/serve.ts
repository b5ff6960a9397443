import type { Command } from "../command.ts";
import { dummyServerCommand } from "../commands/dummy-server.ts";
import { serveCommand } from "../commands/serve.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that serve: they load a server, which no other command needs. */
export const COMMANDS: readonly Command[] = [serveCommand, dummyServerCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
