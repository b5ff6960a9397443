// Params (semantics.md, "Params").
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { summarize } from "../testing/diagnose.ts";
import { checkParams, readParams } from "./params.ts";
import { parseWorkflow } from "./parse.ts";
import { locateDiagnostics } from "./text/locate.ts";
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
      ["count", "-7"],
      ["factor", "5"],
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

  it("says of a number that it would change what it would become, and what to write", async () => {
    const workflow = await declaring({ i: { type: "integer", default: 0 }, n: { type: "number", default: 0 } });
    const AS_TEXT = "declare it as type: string to keep it as it is written";
    const becomes = (written: string, kept: string): string =>
      `is written as "${written}", which would become ${kept}; write ${kept}, or ${AS_TEXT}`;
    const table: readonly (readonly ["i" | "n", string, string])[] = [
      ["i", "007", becomes("007", "7")],
      ["i", "+5", becomes("+5", "5")],
      ["i", " 7", becomes(" 7", "7")],
      ["i", "7\n", becomes("7\\n", "7")],
      ["i", "-0", becomes("-0", "0")],
      ["i", "1e3", becomes("1e3", "1000")],
      ["i", "0x10", becomes("0x10", "16")],
      ["i", "1.0", becomes("1.0", "1")],
      ["n", "1.50", becomes("1.50", "1.5")],
      ["n", ".5", becomes(".5", "0.5")],
      ["n", "0.1000000000000000055", becomes("0.1000000000000000055", "0.1")],
      ["n", "9007199254740993", becomes("9007199254740993", "9007199254740992")],
      ["n", "1e-400", becomes("1e-400", "0")],
      [
        "i",
        "9007199254740993",
        `is written as "9007199254740993"; whole numbers beyond 9007199254740991 are not exact: ${AS_TEXT}`,
      ],
      [
        "n",
        "-1e400",
        `is written as "-1e400", which is beyond 1.7976931348623157e+308, the largest number there is; ${AS_TEXT}`,
      ],
      ["i", "", "must be a whole number, not an empty text"],
      ["i", "1.5", 'must be a whole number, not the text "1.5"'],
      ["i", "1_000", 'must be a whole number, not the text "1_000"'],
      ["i", "１２", 'must be a whole number, not the text "１２"; its digits are others than 0 to 9'],
      ["n", "1,5", 'must be a number, not the text "1,5"'],
      ["n", "NaN", 'must be a number, not the text "NaN"'],
      ["n", "Infinity", 'must be a number, not the text "Infinity"'],
    ];
    for (const [name, value, why] of table) {
      const read = readParams(workflow, [[name, value]]);
      assert.deepEqual(read.ok ? read.value : read.error.map(({ message }) => message), [`the param "${name}" ${why}`]);
    }
  });

  it("takes a number only as a reference would write it again", async () => {
    const workflow = await declaring({ i: { type: "integer", default: 0 }, n: { type: "number", default: 0 } });
    const digits = fc.stringMatching(/^ ?[+-]?0{0,2}\d{0,20}(?:\.\d{0,3})?(?:e[+-]?\d{1,3})?$/);
    const texts = fc.oneof(digits, fc.string(), fc.double().map(String), fc.maxSafeInteger().map(String));
    fc.assert(
      fc.property(texts, fc.constantFrom("i", "n"), (text, name) => {
        const read = readParams(workflow, [[name, text]]);
        const exact = String(Number(text)) === text && Number.isFinite(Number(text));
        assert.equal(read.ok, exact && (name === "n" || Number.isSafeInteger(Number(text))));
        if (read.ok) assert.equal(String(read.value[name]), text);
      }),
    );
  });
});

describe("a default that is a number", () => {
  const files = (type: string, written: string) => [
    { fileName: "t.json", text: text({ p: { type, default: "?" } }).replace('"?"', written) },
    {
      fileName: "t.yaml",
      text: `workflow_name: t\nparams:\n  p: { type: ${type}, default: ${written} }\nservice_registry: { a: localhost:1 }\ncontainers: { a: { input_file: /in, output_file: /out } }\n`,
    },
  ];

  it("is taken only as a reference would write it again, in JSON and in YAML", async () => {
    const literals = fc.stringMatching(/^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,3})?(?:e[+-]?\d{1,2})?$/);
    await fc.assert(
      fc.asyncProperty(literals, fc.constantFrom("integer", "number"), async (written, type) => {
        for (const source of files(type, written)) {
          const parsed = await parseWorkflow(source);
          const value = Number(written);
          const taken = String(value) === written && (type === "number" || Number.isSafeInteger(value));
          assert.equal(parsed.ok, taken, source.text);
          if (parsed.ok) continue;
          const [found, ...more] = await locateDiagnostics(parsed.error, source);
          assert.deepEqual(more, []);
          assert.ok(found?.message.includes(written), found?.message);
          const line = source.text.split("\n")[(found?.line ?? 0) - 1] ?? "";
          const column = line.indexOf(`${written} }`) < 0 ? line.indexOf(`${written}}`) : line.indexOf(`${written} }`);
          assert.deepEqual([found?.column, found?.length], [column + 1, written.length]);
        }
      }),
    );
  });

  it("is taken only so where an alias repeats it, too", async () => {
    const written = ["007", "1.0", "1e3", "0x10", "-0", "9007199254740993", "7", "-5"];
    const given = [
      (one: string) => `x-n: &n ${one}\nparams: { p: { type: integer, default: *n } }`,
      (one: string) => `x-p: &p { type: integer, default: ${one} }\nparams: { p: *p }`,
    ];
    for (const one of written) {
      for (const params of given) {
        const rest = "service_registry: { a: localhost:1 }\ncontainers: { a: { input_file: /in, output_file: /out } }";
        const text = `workflow_name: t\nx-before: &n 1\n${params(one)}\n${rest}\n`;
        const parsed = await parseWorkflow({ fileName: "t.yaml", text });
        assert.equal(parsed.ok, String(Number(one)) === one && Number.isSafeInteger(Number(one)), text);
        if (!parsed.ok) assert.match(parsed.error[0]?.message ?? "", new RegExp(`is written as "${one}"`));
      }
    }
  });

  it("shows what is written where it is no whole number, and says why", async () => {
    const messages = async (type: string, written: string) => {
      const told = await Promise.all(files(type, written).map((source) => parseWorkflow(source)));
      return told.map((parsed) => (parsed.ok ? "" : parsed.error.map(({ message }) => message).join()));
    };
    const beyond =
      'the default of p is written as "9007199254740993"; whole numbers beyond 9007199254740991 are not exact: declare it as type: string to keep it as it is written';
    assert.deepEqual(await messages("integer", "9007199254740993"), [beyond, beyond]);
    const becomes =
      'the default of p is written as "1.50", which would become 1.5; write 1.5, or declare it as type: string to keep it as it is written';
    assert.deepEqual(await messages("number", "1.50"), [becomes, becomes]);
    const text = 'the default of p must be a text, not 0.10; put it in quotes: "0.10"';
    assert.deepEqual(await messages("string", "0.10"), [text, text]);
    const quoted = 'the default of p must be a whole number, not the text "4"; write 4 without quotes';
    assert.deepEqual(await messages("integer", '"4"'), [quoted, quoted]);
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
