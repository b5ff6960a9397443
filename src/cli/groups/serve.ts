import type { Command } from "../command.ts";
import { dummyServerCommand } from "../commands/dummy-server.ts";
import { dispatch } from "../dispatch.ts";

/** The one that is called instead of calling. */
export const COMMANDS: readonly Command[] = [dummyServerCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
