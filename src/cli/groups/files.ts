import type { Command } from "../command.ts";
import { graphCommand } from "../commands/graph.ts";
import { initCommand } from "../commands/init.ts";
import { protoCommand } from "../commands/proto.ts";
import { schemaCommand } from "../commands/schema.ts";
import { validateCommand } from "../commands/validate.ts";
import { dispatch } from "../dispatch.ts";

/** Commands that need neither journal nor services. */
export const COMMANDS: readonly Command[] = [initCommand, validateCommand, graphCommand, schemaCommand, protoCommand];

export function main(argv: readonly string[]): Promise<void> {
  return dispatch(argv, COMMANDS);
}
