// Params (semantics.md, "Params").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { summarize } from "../testing/diagnose.ts";
import { checkParams, readParams } from "./params.ts";
import { parseWorkflow } from "./parse.ts";
import type { Workflow } from "./workflow.ts";

const text = (params: unknown): string =>
  JSON.stringify({
    workflow_name: "t",
    params,
    service_registry: { a: "localhost:1" },
    containers: { a: { input_file: "/in", output_file: "/out" } },
  });

async function declaring(params: unknown): Promise<Workflow> {
  const parsed = await parseWorkflow({ fileName: "t.json", text: text(params) });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

async function problemsOf(params: unknown): Promise<readonly string[]> {
  const parsed = await parseWorkflow({ fileName: "t.json", text: text(params) });
  return parsed.ok ? [] : parsed.error.map(summarize);
}

const declared = {
  dir: { type: "string", default: "/data", description: "shared volume" },
  count: { type: "integer" },
  factor: { type: "number", default: 1.5 },
  fast: { type: "boolean", default: false },
  name: {},
};

describe("params that are too large to record", () => {
  it("are refused before there is a run", async () => {
    const workflow = await declaring({ text: {} });
    const result = readParams(workflow, [["text", "x".repeat(60_000)]]);
    assert.ok(!result.ok);
    assert.match(result.error[0]?.message ?? "", /at most 49152 can be recorded/);
    assert.equal(result.error[0]?.code, "PARAM_INVALID");
  });
});

describe("declarations", () => {
  it("have a type, string by default, and a default that is a literal of it", async () => {
    const { params } = await declaring(declared);
    assert.deepEqual(
      [...params.values()],
      [
        { name: "dir", type: "string", default: "/data", description: "shared volume" },
        { name: "count", type: "integer" },
        { name: "factor", type: "number", default: 1.5 },
        { name: "fast", type: "boolean", default: false },
        { name: "name", type: "string" },
      ],
    );
  });

  it("are refused with a default of another type, an unknown type or a name that cannot be referred to", async () => {
    for (const [type, value] of [
      ["integer", 1.5],
      ["integer", 2 ** 53],
      ["integer", "1"],
      ["number", "1"],
      ["number", null],
      ["boolean", "true"],
      ["string", 1],
    ]) {
      assert.deepEqual(await problemsOf({ p: { type, default: value } }), ["WORKFLOW_WRONG_TYPE params.p.default"]);
    }
    assert.deepEqual(await problemsOf({ p: { type: "int", default: 1 } }), ["WORKFLOW_INVALID_VALUE params.p.type"]);
    assert.deepEqual(await problemsOf({ p: "/data" }), ["WORKFLOW_WRONG_TYPE params.p"]);
    assert.deepEqual(await problemsOf([]), ["WORKFLOW_WRONG_TYPE params"]);
    assert.deepEqual(await problemsOf({ p: { default: "${run.id}" } }), ["REFERENCE_INVALID params.p.default"]);
    for (const name of ["data-dir", "1st", "", "in", "true", "größe"]) {
      assert.deepEqual(await problemsOf({ [name]: {} }), [`WORKFLOW_INVALID_VALUE key:params.${name}`.trimEnd()]);
    }
  });
});

describe("readParams", () => {
  it("reads values by type and fills defaults in", async () => {
    const workflow = await declaring(declared);
    const read = readParams(workflow, [
      ["name", "a=b"],
      ["count", "-007"],
      ["factor", ".5e1"],
      ["fast", "true"],
    ]);
    assert.deepEqual(read, { ok: true, value: { dir: "/data", count: -7, factor: 5, fast: true, name: "a=b" } });
  });

  it("tells unknown, missing, repeated and badly typed params all at once", async () => {
    const read = readParams(await declaring(declared), [
      ["dri", "/x"],
      ["count", "1.5"],
      ["fast", "yes"],
      ["factor", "Infinity"],
      ["dir", "/a"],
      ["dir", "/b"],
    ]);
    assert.ok(!read.ok);
    assert.deepEqual(read.error.map(summarize), [
      "PARAM_UNKNOWN key:params",
      "PARAM_INVALID key:params.count",
      "PARAM_INVALID key:params.fast",
      "PARAM_INVALID key:params.factor",
      "PARAM_REPEATED key:params.dir",
      "PARAM_MISSING key:params.name",
    ]);
    assert.equal(read.error[0]?.suggestion, "dir");
  });

  it("takes no number that JSON could not store", async () => {
    const workflow = await declaring({ i: { type: "integer", default: 0 }, n: { type: "number", default: 0 } });
    const codes = (name: string, value: string) => {
      const read = readParams(workflow, [[name, value]]);
      return read.ok ? read.value[name] : read.error[0]?.code;
    };
    for (const value of ["9007199254740992", "1e3", "0x10", "", " 1", "1_000"])
      assert.equal(codes("i", value), "PARAM_INVALID");
    for (const value of ["1e999", "NaN", "", "1,5", "0x1"]) assert.equal(codes("n", value), "PARAM_INVALID");
    assert.ok(Object.is(codes("n", "-0"), 0));
    assert.equal(codes("i", "9007199254740991"), 9007199254740991);
  });
});

describe("checkParams", () => {
  it("holds stored values against a changed workflow", async () => {
    const workflow = await declaring(declared);
    assert.deepEqual(checkParams(workflow, { count: 1, name: "n", dir: "/old" }), {
      ok: true,
      value: { dir: "/old", count: 1, factor: 1.5, fast: false, name: "n" },
    });
    const wrong = checkParams(workflow, { count: "1", gone: 1 });
    assert.ok(!wrong.ok);
    assert.deepEqual(wrong.error.map(summarize), [
      "PARAM_INVALID key:params.count",
      "PARAM_UNKNOWN key:params",
      "PARAM_MISSING key:params.name",
    ]);
  });
});
