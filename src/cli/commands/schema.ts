import type { Command } from "../command.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { renderPolicySchema, renderSchema } from "../schema.ts";

export const schemaCommand: Command = {
  name: "schema",
  summary: "print the JSON Schema of the workflow file, or of a host's policy",
  description: "Editors complete and check a workflow file that names it: `$schema` at the top of the file.",
  positionals: [],
  options: [{ name: "policy", about: "that of a host's policy instead (`busbar run --policy FILE`)" }],
  examples: [
    { command: "busbar schema > workflow.schema.json", says: "then `$schema: ./workflow.schema.json` in the file" },
    { command: "busbar schema --policy", says: "what a host's policy may hold" },
  ],
  exitCodes: "0 printed",
  async run({ io, values }) {
    await io.out.printData(values.flag("policy") ? renderPolicySchema() : renderSchema());
    return EXIT_OK;
  },
};
