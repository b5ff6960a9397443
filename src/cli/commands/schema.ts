import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { renderSchema } from "../schema.ts";

export const schemaCommand: Command = {
  name: "schema",
  summary: "print the JSON Schema of the workflow file",
  description: "Editors complete and check a workflow file that names it: `$schema` at the top of the file.",
  positionals: [],
  options: [],
  examples: [
    { command: "busbar schema > workflow.schema.json", says: "then `$schema: ./workflow.schema.json` in the file" },
  ],
  exitCodes: "0 printed",
  async run({ io }) {
    await io.out.printData(renderSchema());
    return EXIT_OK;
  },
};
