// Writes the JSON Schema of the workflow file: npm run generate
import { writeFileSync } from "node:fs";
import { workflowSchema } from "../src/workflow/schema/schema.ts";

const file = new URL("../schema/workflow.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(await workflowSchema(), undefined, 2)}\n`);
