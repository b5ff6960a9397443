// Writes the JSON Schemas of the workflow file and of a host's policy: npm run generate
import { writeFileSync } from "node:fs";
import { policySchema } from "../src/workflow/policy/schema.ts";
import { workflowSchema } from "../src/workflow/schema/schema.ts";

const folder = new URL("../schema/", import.meta.url);
for (const [name, schema] of [
  ["workflow", await workflowSchema()],
  ["policy", await policySchema()],
] as const) {
  writeFileSync(new URL(`${name}.schema.json`, folder), `${JSON.stringify(schema, undefined, 2)}\n`);
}
