import type { Definition } from "../spec/model/definition.ts";
import { parseWorkflow } from "../spec/parse.ts";
import type { Workflow } from "../spec/workflow.ts";

/** A stored definition as a workflow again. */
export async function readDefinition(definition: Definition): Promise<Workflow> {
  const { format, text, file } = definition;
  const parsed = await parseWorkflow({
    fileName: `workflow.${format}`,
    text,
    ...(file === undefined ? {} : { file }),
  });
  if (!parsed.ok) throw new Error(parsed.error.map((diagnostic) => diagnostic.message).join("; "));
  return parsed.value;
}
