// The JSON Schema of the workflow file. A run does not load this; `busbar schema` and scripts/write-schema.ts do.
import type { Json, JsonObject } from "../../kernel/json.ts";
import {
  CONTAINER_KEYS,
  DOCKER_NODE_KEYS,
  type EXECUTORS,
  GRPC_NODE_KEYS,
  PARAM_KEYS,
  SERVICE_KEYS,
  TOP_KEYS,
} from "../read/keys.ts";
import { type Field, type Fields, MAX_PATH_LENGTH } from "../tree/fields.ts";
import { CONTAINER, DOCKER_NODE, GRPC_NODE, INNER, PARAM, SERVICE, TOP } from "./descriptions.ts";

type Text = { readonly [key: string]: string };

/** What fields say that no table can: the shape of the keys that are read by code of their own. */
type Shapes = { readonly [key: string]: JsonObject };

const ref = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });
const mapOf = (value: JsonObject, names: JsonObject): JsonObject => ({
  type: "object",
  propertyNames: names,
  additionalProperties: value,
});

const NODE_ID: JsonObject = {
  type: "string",
  minLength: 1,
  maxLength: 100,
  pattern: "^[^/\\[\\]${}\\u0000-\\u001f\\u007f-\\u009f]+$",
};
const PARAM_NAME: JsonObject = { pattern: "^[A-Za-z_][A-Za-z0-9_]*$", maxLength: 100 };
const SERVICE_NAME: JsonObject = { minLength: 1, maxLength: 100 };
const ENV_NAME: JsonObject = { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" };
const ARGUMENT: JsonObject = { type: "string", maxLength: MAX_PATH_LENGTH };
const TEXT: JsonObject = { ...ARGUMENT, minLength: 1 };
const METADATA_NAME: JsonObject = { pattern: "^[0-9A-Za-z_.-]+$" };

/** JSON Schema, draft 2020-12. It is looser than `busbar validate`, which also checks the graph and all names. */
export function workflowSchema(): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Busbar workflow file, version 1",
    ...objectSchema(TOP_KEYS, TOP, ["workflow_name", "containers"], {
      $schema: { type: "string" },
      params: mapOf(ref("param"), PARAM_NAME),
      service_registry: mapOf(
        { anyOf: [{ type: "string", minLength: 1, description: SERVICE.address }, ref("service")] },
        SERVICE_NAME,
      ),
      containers: {
        anyOf: [
          { ...mapOf(ref("node"), NODE_ID), minProperties: 1 },
          { type: "array", minItems: 1, items: { allOf: [ref("node"), { required: ["id"] }] } },
        ],
      },
    }),
    $defs: {
      node: { anyOf: [ref("grpc_node"), ref("docker_node")] },
      grpc_node: nodeSchema("grpc", GRPC_NODE_KEYS, GRPC_NODE, ["input_file", "output_file"]),
      docker_node: nodeSchema("docker", DOCKER_NODE_KEYS, DOCKER_NODE, [], [["command"], ["docker"]]),
      container: objectSchema(CONTAINER_KEYS, CONTAINER, ["image", "volumes"], {
        image: TEXT,
        args: { type: "array", items: ARGUMENT },
        volumes: { type: "array", items: TEXT },
        env: mapOf(ARGUMENT, ENV_NAME),
      }),
      param: objectSchema(PARAM_KEYS, PARAM, [], { default: { type: ["string", "number", "boolean"] } }),
      service: objectSchema(SERVICE_KEYS, SERVICE, ["address"], {
        metadata: mapOf({ type: "string", minLength: 1 }, METADATA_NAME),
      }),
    },
  };
}

function nodeSchema(
  executor: (typeof EXECUTORS)[number],
  fields: Fields,
  descriptions: Text,
  required: readonly string[],
  oneOf: readonly (readonly string[])[] = [],
): JsonObject {
  return {
    ...objectSchema({ ...fields, executor: { kind: "choice", of: [executor] } }, descriptions, required, {
      id: NODE_ID,
      docker: ref("container"),
    }),
    ...(oneOf.length === 0 ? {} : { oneOf: oneOf.map((keys) => ({ required: keys })) }),
  };
}

function objectSchema(
  fields: Fields,
  descriptions: Text,
  required: readonly string[],
  shapes: Shapes = {},
): JsonObject {
  const properties = Object.entries(fields).map(([key, field]): [string, JsonObject] => {
    const shape = field.kind === "own" ? (shapes[key] ?? {}) : fieldSchema(field);
    return [key, { description: descriptions[key] ?? "", ...shape }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    patternProperties: { "^x-": {} },
    additionalProperties: false,
  };
}

function fieldSchema(field: Field): JsonObject {
  const initial: { readonly default?: Json } =
    "default" in field && field.default !== undefined ? { default: field.default } : {};
  switch (field.kind) {
    case "text":
      return { type: "string", minLength: field.min, maxLength: field.max };
    case "template":
      return { type: "string", minLength: 1, maxLength: MAX_PATH_LENGTH };
    case "integer":
      return { type: "integer", minimum: field.min, maximum: field.max, ...initial };
    case "number":
    case "seconds":
      return { type: "number", exclusiveMinimum: field.above, maximum: field.max, ...initial };
    case "boolean":
      return { type: "boolean", ...initial };
    case "choice":
      return { enum: field.of, ...initial };
    case "choices":
      return { type: "array", items: { enum: field.of }, ...initial };
    case "integers":
      return { type: "array", items: { type: "integer", minimum: field.min, maximum: field.max } };
    case "names": {
      const name: JsonObject = { type: "string", minLength: 1 };
      const list: JsonObject = { type: "array", items: name, uniqueItems: true };
      return { anyOf: field.nullable ? [name, list, { type: "null" }] : [name, { ...list, minItems: 1 }] };
    }
    case "object":
      return objectSchema(field.fields, INNER[field.owner] ?? {}, [], {
        allow: { type: "array", items: { type: "string", minLength: 1 } },
      });
    case "own":
      return {};
  }
}
