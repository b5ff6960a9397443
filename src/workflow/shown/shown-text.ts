import { kindOf } from "../kinds/kinds.ts";
import type { Workflow } from "../workflow.ts";

const TEXTS = new WeakMap<Workflow, Promise<string>>();

/** The text of a workflow's definition as everybody may see it, without literal tokens. Worked out once. */
export async function shownTextOf(workflow: Workflow): Promise<string> {
  const { definition, nodes, services } = workflow;
  const mayHide =
    [...services.values()].some(({ metadata }) => metadata.size > 0) ||
    nodes.some((node) => kindOf(node).maskedIn !== undefined);
  if (!mayHide) return definition.text;
  const known = TEXTS.get(workflow);
  if (known !== undefined) return known;
  const text = import("./mask-definition.ts").then(({ maskDefinition }) => maskDefinition(definition));
  TEXTS.set(workflow, text);
  return text;
}
