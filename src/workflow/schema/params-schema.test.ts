import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonObject } from "../../kernel/json.ts";
import type { ParamDeclaration } from "../model/param.ts";
import { checkParams } from "../params.ts";
import { paramsSchemaOf } from "./params-schema.ts";

describe("the JSON Schema of a workflow's params", () => {
  it("takes what a run takes, and nothing else", () => {
    const declarations: readonly ParamDeclaration[] = [
      { name: "day", type: "string", description: "which day" },
      { name: "limit", type: "integer", default: 3 },
      { name: "rate", type: "number", default: 0.5 },
      { name: "dry", type: "boolean", default: false },
    ];
    const params = new Map(declarations.map((one) => [one.name, one]));
    const schema = paramsSchemaOf({ params });
    const accepts = new Ajv2020({ strict: true }).compile(schema);
    const cases: readonly JsonObject[] = [
      { day: "x" },
      { day: "" },
      { day: "x", limit: 1, rate: 2, dry: true },
      {},
      { day: 1 },
      { day: "x", limit: 1.5 },
      { day: "x", limit: "1" },
      { day: "x", dry: "true" },
      { day: "x", other: 1 },
    ];
    for (const one of cases) {
      assert.equal(accepts(one), checkParams({ params }, one as never).ok, JSON.stringify(one));
    }
    assert.deepEqual(paramsSchemaOf({ params: new Map() }), {
      type: "object",
      properties: {},
      additionalProperties: false,
    });
  });
});
