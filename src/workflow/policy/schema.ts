// The JSON Schema of a host's policy. A run does not load this; `npm run generate` writes the file with it.
import type { JsonObject } from "../../kernel/json.ts";
import { KINDS } from "../kinds/kinds.ts";
import { type DescriptionsOf, type InnerDescriptions, objectSchema, type Shapes } from "../schema/object-schema.ts";
import { type HOST_KEYS, POLICY_KEYS } from "./keys.ts";

const SCHEMA_ID = "urn:busbar:policy:1";

const HOST: DescriptionsOf<typeof HOST_KEYS> = {
  env: "Names of environment variables that workflows may refer to as ${env.NAME}, or hand on to containers. None by default.",
  addresses:
    "Where services may be: HOST, *.DOMAIN (any name below it), * (any name), ADDRESS, each with :PORT or without; ADDRESS/BITS for a range; unix:/PATH and unix-abstract:NAME for sockets. By default any address of a network but link-local ones and those at which clouds tell a machine its credentials; those are allowed only by an entry that lies among them, however wide another one is.",
  files: "Folders, absolute, in which the files of tls may lie; links out of them do not count. None by default.",
};

const texts = (more: JsonObject = {}): JsonObject => ({
  type: "array",
  items: { type: "string", minLength: 1, ...more },
});

const SHAPES: Shapes = {
  env: texts({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }),
  addresses: texts(),
  files: texts({ pattern: "^/" }),
};

/** JSON Schema, draft 2020-12. */
export async function policySchema(): Promise<JsonObject> {
  const schemas = await Promise.all(
    KINDS.flatMap(({ policy, loadSchema }) =>
      policy === undefined ? [] : [loadSchema().then((schema) => ({ policy, schema: schema.policy }))],
    ),
  );
  const inner: InnerDescriptions = Object.fromEntries(
    schemas.flatMap(({ policy, schema }) => (schema === undefined ? [] : [[policy.owner, schema]])),
  );
  const ofKinds = schemas.map(({ policy, schema }) => [policy.key, schema?.description ?? ""] as const);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: SCHEMA_ID,
    title: "Busbar host policy, version 1",
    description: "What a host allows the workflows that it runs. What is not listed is not allowed.",
    ...objectSchema(POLICY_KEYS, { ...HOST, ...Object.fromEntries(ofKinds) }, { inner, shapes: SHAPES }),
  };
}
