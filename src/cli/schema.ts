import policySchema from "../../schema/policy.schema.json" with { type: "json" };
import schema from "../../schema/workflow.schema.json" with { type: "json" };

/** The JSON Schema of the workflow file, as `busbar schema` prints it and `busbar init` writes it. */
export function renderSchema(): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The JSON Schema of a host's policy, as `busbar schema --policy` prints it. */
export function renderPolicySchema(): string {
  return `${JSON.stringify(policySchema, undefined, 2)}\n`;
}
