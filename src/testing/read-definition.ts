import { parseWorkflow } from "../spec/parse.ts";
import type { Definition, Workflow } from "../spec/workflow.ts";

/** A stored definition as a workflow again. */
export async function readDefinition(definition: Definition): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName: `workflow.${definition.format}`, text: definition.text });
  if (!parsed.ok) throw new Error(parsed.error.map((diagnostic) => diagnostic.message).join("; "));
  return parsed.value;
}
