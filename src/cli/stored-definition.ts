import { BusbarError } from "../kernel/errors.ts";
import type { Definition } from "../spec/model/definition.ts";
import { parseWorkflow } from "../spec/parse.ts";
import type { Workflow } from "../spec/workflow.ts";

/** The workflow of a run, made again from the text that the journal keeps. */
export async function readStoredDefinition(definition: Definition): Promise<Workflow> {
  const parsed = await parseWorkflow({
    fileName: `workflow.${definition.format}`,
    text: definition.text,
    ...(definition.file === undefined ? {} : { file: definition.file }),
  });
  if (parsed.ok) return parsed.value;
  const first = parsed.error[0];
  throw new BusbarError(
    first?.code ?? "INTERNAL",
    `this version of Busbar does not accept the stored workflow ${definition.hash}: ${first?.message}`,
  );
}
