import type { JsonObject } from "../../kernel/json.ts";
import type { ParamDeclaration } from "../model/param.ts";
import type { Workflow } from "../workflow.ts";

/** What the params of a run may be, as a JSON Schema (2020-12). Those with a default may be left out. */
export function paramsSchemaOf({ params }: Pick<Workflow, "params">): JsonObject {
  const required = [...params.values()].filter((param) => param.default === undefined).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries([...params].map(([name, param]) => [name, schemaOf(param)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function schemaOf({ type, default: initial, description }: ParamDeclaration): JsonObject {
  return {
    type,
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
  };
}
