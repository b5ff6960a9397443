import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isRawObject, type RawObject } from "../tree/raw.ts";
import { workflowSchema } from "./schema.ts";

const file = new URL("../../../schema/workflow.schema.json", import.meta.url);

/** Every object of the schema that describes an object with fixed keys. */
function* objects(value: unknown): Generator<RawObject> {
  if (Array.isArray(value)) for (const one of value) yield* objects(one);
  if (!isRawObject(value)) return;
  if (isRawObject(value.properties) && value.type === "object") yield value;
  for (const one of Object.values(value)) yield* objects(one);
}

const schema = await workflowSchema();

describe("workflowSchema", () => {
  it("is what schema/workflow.schema.json says (npm run generate writes it)", () => {
    assert.equal(readFileSync(file, "utf8"), `${JSON.stringify(schema, undefined, 2)}\n`);
  });

  it("describes every key", () => {
    const undescribed = [...objects(schema)].flatMap((object) =>
      Object.entries(object.properties as RawObject).flatMap(([key, value]) =>
        isRawObject(value) && typeof value.description === "string" && value.description !== "" ? [] : [key],
      ),
    );
    assert.deepEqual(undescribed, []);
  });

  it("knows every key that the reader knows, and no other but x- ones", () => {
    const found = [...objects(schema)];
    assert.ok(found.length >= 8);
    for (const object of found) {
      assert.equal(object.additionalProperties, false);
      assert.deepEqual(object.patternProperties, { "^x-": {} });
    }
  });

  it("holds patterns that are regular expressions", () => {
    const patterns = JSON.stringify(schema).match(/"pattern":"(?:[^"\\]|\\.)*"/g) ?? [];
    assert.ok(patterns.length > 0);
    for (const pattern of patterns) new RegExp((JSON.parse(`{${pattern}}`) as { pattern: string }).pattern, "u");
  });

  it("is a schema as strict readers want it, and has a name of its own", () => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    assert.equal(schema.$id, "urn:busbar:workflow:1");
    const registry = { service_registry: { s: "localhost:1" } };
    const grpc = { service: "s", input_file: "a", output_file: "b" };
    const docker = { executor: "docker", docker: { image: "i", volumes: [] } };
    const valid: readonly unknown[] = [{ n: grpc }, { n: docker }, { n: grpc, m: docker }, [{ id: "n", ...grpc }]];
    for (const containers of valid) {
      const file = { workflow_name: "w", start_node: "n", ...registry, containers };
      assert.ok(validate(file), JSON.stringify([file, validate.errors]));
    }
    const invalid: readonly unknown[] = [
      { n: { ...grpc, input: "a" } },
      { n: { ...docker, command: "docker run i" } },
      { n: { executor: "docker" } },
      [grpc],
      {},
    ];
    for (const containers of invalid) {
      assert.equal(validate({ workflow_name: "w", start_node: "n", ...registry, containers }), false);
    }
  });
});
