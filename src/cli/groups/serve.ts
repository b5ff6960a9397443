import type { Command } from "../command.ts";
import { dummyServerCommand } from "../commands/dummy-server.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that serve: they load a gRPC server, which no other command needs. */
export const COMMANDS: readonly Command[] = [dummyServerCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
