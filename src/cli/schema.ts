import schema from "../../schema/workflow.schema.json" with { type: "json" };

/** The JSON Schema of the workflow file, as `busbar schema` prints it and `busbar init` writes it. */
export function renderSchema(): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
