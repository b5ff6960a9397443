// The JSON Schema of the workflow file. A run does not load this; `npm run generate` writes the file with it.
import type { JsonObject } from "../../kernel/json.ts";
import { type AnyKind, KINDS } from "../kinds/kinds.ts";
import { ALL_TOP_KEYS, nodeKeysOf, PARAM_KEYS, SERVICE_KEYS } from "../read/keys.ts";
import { describeInner, describeNode, describeTop, type KindWithSchema, PARAM, SERVICE } from "./descriptions.ts";
import { type InnerDescriptions, mapOf, objectSchema, ref } from "./object-schema.ts";

const NODE_ID: JsonObject = {
  type: "string",
  minLength: 1,
  maxLength: 100,
  pattern: "^[^/\\[\\]${}\\u0000-\\u001f\\u007f-\\u009f]+$",
};
const PARAM_NAME: JsonObject = { pattern: "^[A-Za-z_][A-Za-z0-9_]*$", maxLength: 100 };
const SERVICE_NAME: JsonObject = { minLength: 1, maxLength: 100 };
const METADATA_NAME: JsonObject = { pattern: "^[0-9A-Za-z_.-]+$" };

/** A name and no address: the schema lies beside the files that it is for (`busbar init`, `busbar schema`). */
const SCHEMA_ID = "urn:busbar:workflow:1";

/** JSON Schema, draft 2020-12. It is looser than `busbar validate`, which also checks the graph and all names. */
export async function workflowSchema(): Promise<JsonObject> {
  const kinds = await Promise.all(KINDS.map(async (kind) => ({ kind, schema: await kind.loadSchema() })));
  const inner = describeInner(kinds);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: SCHEMA_ID,
    title: "Busbar workflow file, version 1",
    ...objectSchema(ALL_TOP_KEYS, describeTop(kinds), {
      required: ["workflow_name", "containers"],
      inner,
      shapes: {
        $schema: { type: "string" },
        params: mapOf(ref("param"), PARAM_NAME),
        service_registry: mapOf(
          { anyOf: [{ type: "string", minLength: 1, description: SERVICE.address }, ref("service")] },
          SERVICE_NAME,
        ),
        containers: {
          anyOf: [
            { ...mapOf(ref("node"), NODE_ID), minProperties: 1 },
            { type: "array", minItems: 1, items: { type: "object", allOf: [ref("node"), requires(["id"])] } },
          ],
        },
      },
    }),
    $defs: {
      node: { anyOf: kinds.map(({ kind }) => ref(nameOf(kind))) },
      ...Object.assign(
        {},
        ...kinds.map((one) => ({ [nameOf(one.kind)]: nodeSchema(one, kinds, inner), ...one.schema.defs })),
      ),
      param: objectSchema(PARAM_KEYS, PARAM, {
        shapes: { default: { anyOf: [{ type: "string" }, { type: "number" }, { type: "boolean" }] } },
      }),
      service: objectSchema(SERVICE_KEYS, SERVICE, {
        required: ["address"],
        inner,
        shapes: { metadata: mapOf({ type: "string", minLength: 1 }, METADATA_NAME) },
      }),
    },
  };
}

/** Names the keys as properties too: strict readers of schemas take a key that is only required for a slip. */
function requires(keys: readonly string[]): JsonObject {
  return { required: keys, properties: Object.fromEntries(keys.map((key) => [key, true])) };
}

function nameOf({ executor }: AnyKind): string {
  return `${executor}_node`;
}

function nodeSchema(
  { kind, schema }: KindWithSchema,
  kinds: readonly KindWithSchema[],
  inner: InnerDescriptions,
): JsonObject {
  const { required, oneOf = [], shapes } = schema;
  const fields = { ...nodeKeysOf(kind), executor: { kind: "choice", of: [kind.executor] } } as const;
  return {
    ...objectSchema(fields, describeNode(kinds, schema), { required, inner, shapes: { id: NODE_ID, ...shapes } }),
    ...(oneOf.length === 0 ? {} : { oneOf: oneOf.map(requires) }),
  };
}
