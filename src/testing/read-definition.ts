import type { DefinitionText } from "../ports/runtime.ts";
import { parseWorkflow } from "../workflow/parse.ts";
import type { Workflow } from "../workflow/workflow.ts";

/** The workflow of a text. */
export async function readDefinition(definition: DefinitionText): Promise<Workflow> {
  const { format, text, file } = definition;
  const parsed = await parseWorkflow({
    fileName: `workflow.${format}`,
    text,
    ...(file === undefined ? {} : { file }),
  });
  if (!parsed.ok) throw new Error(parsed.error.map((diagnostic) => diagnostic.message).join("; "));
  return parsed.value;
}
